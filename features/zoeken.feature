# language: nl
Functionaliteit: Een gezin terugvinden, alleen in wat iemand mag zien

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @D12
  Scenario: Een naam hoeft niet precies te kloppen
    Als de verloskundige zoekt op de naam van de moeder, met een typefout
    Dan vindt zij het gezin

  @D12
  Scenario: Wie geen deel heeft aan de casus, vindt niets
    Als de andere verloskundige zoekt op de naam van de moeder, met een typefout
    Dan vindt zij niets

  @D12
  Scenario: Een taak die nog niemand heeft, maakt een gezin niet vindbaar
    Als de verpleegkundige zoekt op de naam van de moeder, met een typefout
    Dan vindt zij niets
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige zoekt op de naam van de moeder, met een typefout
    Dan vindt zij het gezin

  @D12
  Scenario: Het nummer in het eigen systeem vindt de casus, alleen voor de eigen organisatie
    Als de verloskundige vastlegt dat de casus bij haar "KD-4711" heet
    En de verloskundige zoekt op "kd 4711"
    Dan vindt zij het gezin
    Als de verloskundige zoekt op "kd 47"
    Dan vindt zij niets
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige zoekt op "KD-4711"
    Dan vindt zij niets
