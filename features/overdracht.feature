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

  @WO6
  Scenario: Wie iets mist, vraagt het eerst en gaat verder met het antwoord
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En de casusregisseur van Venlo vraagt wat er is geprobeerd
    Dan is de verpleegkundige de enige die de casus vasthoudt
    En leest de verpleegkundige wat de casusregisseur van Venlo mist
    Als de verpleegkundige die vraag beantwoordt
    En de casusregisseur van Venlo het gezin aanneemt
    Dan is de casusregisseur van Venlo de enige die de casus vasthoudt

  @WO1 @WO9
  Scenario: Wat een ontvanger miste, wordt een taak en gaat de volgende keer mee
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En de casusregisseur van Venlo het gezin weigert omdat niet duidelijk is wat er is geprobeerd
    Dan heeft de verpleegkundige de taak "Overdracht aanvullen: wat is geprobeerd"
    En is de verpleegkundige de enige die de casus vasthoudt

  @WO9
  Scenario: Elke soort overdracht vraagt wat daarbij hoort, en niet wat de casus al weet
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Dan kan de verpleegkundige het gezin niet voorbereiden voor de casusregisseur van Venlo zonder te zeggen wat de moeder verwacht
    En hoeft de verpleegkundige de vraag van de moeder niet opnieuw op te schrijven

  @WO2
  Scenario: Zonder antwoord komt de overdracht vanzelf terug
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de verpleegkundige met de moeder besluit om over te dragen
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En er 14 dagen voorbijgaan
    Dan is de verpleegkundige de enige die de casus vasthoudt
    En heeft de verpleegkundige de taak "Overdracht voorbereiden"
    En ziet de casusregisseur van Venlo de casus niet
    En hoort de verpleegkundige dat de overdracht terug is

  @WO3
  Scenario: Zonder gesprek met de moeder is een overdracht koud
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de casusregisseur van Venlo het gezin begeleidt
    Als de casusregisseur van Venlo vastlegt dat er geen gesprek met de moeder was
    Dan was de overdracht koud

  @WO7
  Scenario: Wie overdroeg leest mee tot de ander het gezin sprak
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de casusregisseur van Venlo het gezin begeleidt
    Dan leest de verpleegkundige nog mee
    Als de casusregisseur van Venlo het eerste contact met de moeder vastlegt
    Dan ziet de verpleegkundige de casus niet
    En hoort de verpleegkundige op welke dag het eerste contact was

  @WO11
  Scenario: Vanaf week 34 wordt de overdracht rond de geboorte gepland
    Gegeven dat de moeder toestemming geeft aan de toegangsteams
    En dat de casusregisseur van Venlo het gezin begeleidt
    Als de zwangerschap 34 weken is
    Dan heeft de casusregisseur van Venlo de taak "Overdracht rond de geboorte plannen"

  @WO11
  Scenario: De jeugdgezondheidszorg plant geen overdracht aan zichzelf
    Als de zwangerschap 34 weken is
    Dan heeft de verpleegkundige geen taak om de overdracht rond de geboorte te plannen

  @WO1
  Scenario: Wie om een casus vraagt, hoort niet of het gezin bekend is
    Als de casusregisseur van Venlo om de casus van de moeder vraagt
    En de casusregisseur van Venlo om een casus vraagt die er niet is
    En er 1 dagen voorbijgaan
    Dan leest de casusregisseur van Venlo over beide vragen hetzelfde
    En heeft de verpleegkundige de taak "Vraag om deze casus: beantwoorden"
    Als de verpleegkundige met de moeder besluit om op de vraag in te gaan
    Dan heeft de verpleegkundige de taak "Overdracht voorbereiden"
    En is daar de casusregisseur van Venlo al als ontvanger gekozen
    En ziet de casusregisseur van Venlo de casus niet
