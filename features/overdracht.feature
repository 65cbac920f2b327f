# language: nl
Functionaliteit: Wie een gezin overdraagt, laat het pas los als een ander het vasthoudt

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een casusregisseur in Venlo en een casusregisseur in Roermond
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning waarna er een steunplan komt

  @S13-8 @X6
  Scenario: Een gezin verhuist van Venlo naar Roermond en houdt zijn verhaal
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de casusregisseur van Venlo het gezin begeleidt
    Als de casusregisseur van Venlo meldt dat het gezin naar Roermond verhuist
    Dan is de casusregisseur van Venlo de enige die de casus vasthoudt
    Als de casusregisseur van Venlo het gezin aanbiedt aan de casusregisseur van Roermond
    Dan is de casusregisseur van Venlo de enige die de casus vasthoudt
    Als de casusregisseur van Roermond het gezin aanneemt
    Dan is de casusregisseur van Roermond de enige die de casus vasthoudt
    En leest de casusregisseur van Roermond de vraag van de moeder in haar eigen woorden

  @WO2
  Scenario: Een geweigerde overdracht laat de casus waar hij is
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En de casusregisseur van Venlo het gezin weigert omdat er geen plek is
    Dan is de verpleegkundige de enige die de casus vasthoudt
    En heeft de verpleegkundige de taak "Overdracht voorbereiden"
    En ziet de casusregisseur van Venlo de casus niet

  @S13-9 @WO2
  Scenario: Zonder antwoord blijft de afzender verantwoordelijk
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En er 6 dagen voorbijgaan
    Dan is de verpleegkundige de enige die de casus vasthoudt
    En heeft de procesregisseur de taak "Termijn verlopen: overleggen"
    En weet de procesregisseur niet om welk gezin het gaat

  @WO2
  Scenario: Niemand neemt een gezin aan voor een ander
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    Dan kan de casusregisseur van Roermond het gezin niet aannemen
    En kan de verpleegkundige het gezin niet aannemen
    En is de verpleegkundige de enige die de casus vasthoudt

  @WO1
  Scenario: Eén aanbod tegelijk
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En de verpleegkundige meldt dat het gezin naar Roermond verhuist
    Dan kan de verpleegkundige het gezin niet ook aanbieden aan de casusregisseur van Roermond
    En is de verpleegkundige de enige die de casus vasthoudt

  @WO1
  Scenario: Een aanbod kan terug zolang er geen antwoord is
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En de verpleegkundige het aanbod intrekt
    Dan heeft de casusregisseur van Venlo geen enkele taak
    En heeft de verpleegkundige de taak "Overdracht voorbereiden"

  @X1 @X6
  Scenario: Zonder toestemming gaat een gezin niet naar een andere organisatie
    Gegeven dat de moeder alleen toestemming geeft aan welzijn
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Dan kan de verpleegkundige het gezin zonder toestemming niet aanbieden aan de casusregisseur van Venlo
    En heeft de casusregisseur van Venlo geen enkele taak
    En is de verpleegkundige de enige die de casus vasthoudt

  @WO3 @WO7
  Scenario: Wie warm overdraagt, hoort dat er contact was en niet wat er is gezegd
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de casusregisseur van Venlo het gezin begeleidt
    Als de casusregisseur van Venlo het eerste contact met de moeder vastlegt
    Dan hoort de verpleegkundige op welke dag het eerste contact was
    En was de overdracht warm
