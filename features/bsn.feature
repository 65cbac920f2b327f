# language: nl
Functionaliteit: Het BSN is er alleen voor wie het mag gebruiken

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo

  @X12 @LR5
  Scenario: Zonder BSN gaat alles door
    Gegeven een zwangere zonder vast adres met schulden en geen netwerk
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    En de verloskundige samen met de moeder kiest voor een verkenning
    Dan ligt er een verkenning bij het team van de jeugdgezondheidszorg
    En is er van de moeder geen BSN

  @LR5
  Scenario: Zorgverleners die het mogen gebruiken, vragen er bewust om
    Gegeven een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    En de verpleegkundige houdt de casus vast
    Als de verloskundige het BSN van de moeder vastlegt
    Dan staat het BSN niet in wat de verpleegkundige van de casus leest
    En leest de verpleegkundige het BSN als zij erom vraagt
    En staat in het logboek dat de verpleegkundige het BSN bekeek

  @LR5
  Scenario: Wie het niet mag gebruiken, ziet het niet en hoort niet of het er is
    Gegeven een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    En de verpleegkundige houdt de casus vast
    Als de verloskundige het BSN van de moeder vastlegt
    En de jeugdgezondheidszorg het BSN niet meer mag gebruiken
    Dan hoort de verpleegkundige van het BSN niet meer dan dat haar organisatie het niet mag gebruiken
    En leest de verloskundige het BSN als zij erom vraagt

  @LR5
  Scenario: Een getal dat geen BSN is, wordt niet bewaard
    Gegeven een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verloskundige een BSN met een verkeerd cijfer vastlegt
    Dan hoort zij dat er een cijfer anders is
    En is er van de moeder geen BSN
