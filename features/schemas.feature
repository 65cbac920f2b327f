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
