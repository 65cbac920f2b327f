# language: nl
Functionaliteit: Wie zich vergist bij het afronden, kan dat even ongedaan maken

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    En de verpleegkundige die de verkenning net afrondde

  @D3
  Scenario: Wat net is afgerond, komt terug zoals het was
    Als de verpleegkundige het afronden ongedaan maakt
    Dan heeft de verpleegkundige de verkenning weer, met wat er ingevuld was
    En staat de verkenning niet meer bij wat er van het gezin is vastgelegd

  @D8
  Scenario: Is iemand er al mee verdergegaan, dan blijft het afgerond
    Gegeven een andere verpleegkundige die de volgende taak al heeft
    Als de verpleegkundige het afronden ongedaan probeert te maken
    Dan wordt dat geweigerd omdat er al iets op gevolgd is

  @D12
  Scenario: Heeft een andere organisatie het al gelezen, dan blijft het afgerond
    Gegeven een verloskundige die de casus daarna leest
    Als de verpleegkundige het afronden ongedaan probeert te maken
    Dan wordt dat geweigerd omdat er al iets op gevolgd is

  @D18
  Scenario: Na de tijd die de regio daarvoor geeft, blijft het afgerond
    Gegeven een kwartier later
    Als de verpleegkundige het afronden ongedaan probeert te maken
    Dan wordt dat geweigerd omdat de tijd om is
