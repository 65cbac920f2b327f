# language: nl
Functionaliteit: Terugkijken hoe het toen was

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @WO8
  Scenario: Bij een klacht is te zien wie de casus toen vasthield
    Als de verpleegkundige 2 dagen later de verkenning oppakt
    Dan hield de verloskundigenpraktijk de casus een dag eerder vast, volgens de verpleegkundige
    En kon de jeugdgezondheidszorg toen nog niets lezen
    En staat in het overzicht van de ouder dat een klacht werd uitgezocht

  @WO8
  Scenario: Zonder reden kijkt niemand terug
    Dan wordt de verloskundige zonder reden geweigerd om terug te kijken

  @WO8
  Scenario: Wie bij geen van beide organisaties het logboek beheert, kijkt niet terug
    Dan kan de beheerder niet terugkijken
