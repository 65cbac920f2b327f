# language: nl
Functionaliteit: Een brief of foto bij een casus is er alleen voor wie zulke gegevens mag lezen

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @D12
  Scenario: Wie bij het gezin hoort, voegt een brief toe, en een collega van dezelfde praktijk leest hem
    Als de verloskundige een brief toevoegt
    Dan leest de collega van de verloskundige de brief

  @D12
  Scenario: Wie de gegevens in een brief niet mag lezen, weet niet dat de brief er is
    Als de verloskundige een brief met gegevens over de gezondheid toevoegt
    Dan leest de verloskundige de brief
    En weet de collega van de verloskundige niet dat de brief er is
    En weet de andere verloskundige niet dat de brief er is

  @D12
  Scenario: Een bestand van een andere soort wordt geweigerd
    Als de verloskundige een programma als brief probeert toe te voegen
    Dan wordt dat geweigerd met wat wel kan
    En staat er geen bestand bij de casus

  @D12
  Scenario: Alleen wie een brief toevoegde, haalt hem weer weg
    Als de verloskundige een brief toevoegt
    Dan kan de collega van de verloskundige de brief niet weghalen
    Als de verloskundige de brief weghaalt
    Dan weet de collega van de verloskundige niet dat de brief er is
