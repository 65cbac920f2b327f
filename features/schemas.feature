# language: nl
Functionaliteit: Schema's veranderen terwijl casussen lopen

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten

  @S13-13 @D4
  Scenario: Een lopende casus houdt de versie waarmee hij begon
    Als de verloskundige het signaal vastlegt
    En er een nieuw schema in gebruik wordt genomen
    Dan loopt de casus door op de eigen versie
    En begint een volgend signaal op de nieuwe versie

  @S13-12 @D6
  Scenario: Zonder toestemming vragen wordt een schema niet gepubliceerd
    Als een coördinator de stap "Toestemming vragen" uit het schema haalt
    Dan wordt dat schema geweigerd omdat gegevens gedeeld worden zonder toestemming van de ouder
    En blijft het oude schema in gebruik
