# language: nl
Functionaliteit: Wat er meegaat bij een overdracht, en dat beide kanten het kunnen bewijzen

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een casusregisseur in Venlo en een casusregisseur in Roermond
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning waarna er een steunplan komt
    En dat de moeder de toegangsteams alles laat weten behalve hoe het psychisch gaat
    En dat de verpleegkundige met de moeder besluit om over te dragen

  @WO4
  Scenario: De moeder ziet vooraf wat er meegaat
    Als de verpleegkundige met de moeder bekijkt wat er meegaat naar de casusregisseur van Venlo
    Dan staat de vraag van de moeder in haar eigen woorden erbij
    En staat erbij dat psychische gegevens niet meegaan omdat de moeder daar geen toestemming voor gaf
    En is er nog niets verzonden

  @WO5
  Scenario: Alleen de afzender weet wat er niet meeging
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En de casusregisseur van Venlo het gezin aanneemt
    Dan leest de verpleegkundige op het ontvangstbewijs wat er niet meeging en waarom
    En leest de casusregisseur van Venlo alleen dat er meer is
    En staat er over veiligheid niets in het pakket

  @WO6
  Scenario: Wat er na een antwoord bij kwam, hoort bij de volgende versie
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En de verpleegkundige schrijft een opmerking en het pakket opnieuw wordt vastgelegd
    Dan is versie 2 van het pakket groter dan versie 1

  @WO8
  Scenario: Na een jaar is het ontvangstbewijs nog te controleren
    Als de verpleegkundige het gezin aanbiedt aan de casusregisseur van Venlo
    En de casusregisseur van Venlo het gezin aanneemt
    En er een jaar lang verder wordt gewerkt
    Dan klopt het ontvangstbewijs voor de verpleegkundige en voor de casusregisseur van Venlo
    Als iemand achteraf iets aan het pakket verandert
    Dan klopt het ontvangstbewijs niet meer
