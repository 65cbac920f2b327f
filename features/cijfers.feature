# language: nl
Functionaliteit: De regieraad stuurt op warme overdrachten en kan niemand herkennen

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een lid van de regieraad

  @WO12
  Scenario: Van te weinig gezinnen staat er niets
    Gegeven overdrachten van 9 gezinnen in het eerste kwartaal
    Als de cijfers van dat kwartaal worden gemaakt
    Dan ziet de regieraad dat het te klein is om te tonen

  @WO12
  Scenario: Een kwartaal met genoeg gezinnen
    Gegeven overdrachten van 24 gezinnen in het eerste kwartaal
    Als de cijfers van dat kwartaal worden gemaakt
    Dan ziet de regieraad dat de helft warm was
    En ziet niemand anders deze cijfers
