# language: nl
Functionaliteit: Wat een organisatie een casus zelf noemt, is van die organisatie

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @D12
  Scenario: Het eigen nummer is er voor de eigen mensen, en voor niemand anders
    Als de verpleegkundige de verkenning oppakt
    En de verloskundige vastlegt dat de casus bij haar "DB-0417" heet
    Dan ziet de collega van de verloskundige het eigen nummer "DB-0417"
    En ziet de verpleegkundige geen eigen nummer
    Als de verpleegkundige vastlegt dat de casus bij haar "JGZ 88" heet
    Dan ziet de verpleegkundige het eigen nummer "JGZ 88"
    En ziet de verloskundige het eigen nummer "DB-0417"

  @D12
  Scenario: Wie niet bij het gezin hoort, kan er geen eigen nummer bij zetten
    Dan kan de andere verloskundige niet vastleggen hoe de casus bij haar heet
