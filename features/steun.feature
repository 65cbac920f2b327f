# language: nl
Functionaliteit: Steun die past, met afspraken die iemand heeft aangenomen

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een welzijnsorganisatie en een gezinscoach die steunafspraken doen in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning waarna er een steunplan komt

  @5.5
  Scenario: Een steunafspraak loopt pas als de organisatie haar aanneemt
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    Als de verpleegkundige met de moeder een plan maakt waarin oma oppast en welzijn helpt met geld
    Dan loopt de afspraak "Oppassen"
    En wacht de afspraak "Hulp met geld" op antwoord
    En heeft de welzijnsmedewerker de taak "Steunafspraak aannemen"
    Als de welzijnsmedewerker de steunafspraak aanneemt
    Dan loopt de afspraak "Hulp met geld"
    En heeft de welzijnsmedewerker de taak "Steunafspraak uitvoeren"

  @5.5
  Scenario: Wat het gezin en eigen mensen doen staat voorop
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    Als de verpleegkundige met de moeder een plan maakt waarin oma oppast en welzijn helpt met geld
    Dan staat "Oppassen" bovenaan in het plan

  @5.5 @X8
  Scenario: Een geweigerde afspraak gaat terug naar wie de casus vasthoudt
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    Als de verpleegkundige met de moeder een plan maakt waarin oma oppast en welzijn helpt met geld
    En de welzijnsmedewerker de steunafspraak weigert
    Dan heeft de verpleegkundige de taak "Steunafspraak geweigerd: opnieuw beleggen"
    Als de verpleegkundige met de moeder afspreekt dat de gezinscoach helpt met geld
    Dan heeft de gezinscoach de taak "Steunafspraak aannemen"
    En loopt de afspraak "Oppassen"
    En heeft de welzijnsmedewerker geen enkele taak

  @5.5
  Scenario: Een afspraak die niemand aanneemt, zweeft en is te zien zonder inhoud
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    Als de verpleegkundige met de moeder een plan maakt waarin oma oppast en welzijn helpt met geld
    En er 9 dagen voorbijgaan
    Dan ziet de procesregisseur dat er één afspraak zweeft, en niet welke

  @D12
  Scenario: Wie een afspraak uitvoert, ziet alleen de eigen afspraak
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    Als de verpleegkundige met de moeder een plan maakt waarin oma oppast en welzijn helpt met geld
    En de welzijnsmedewerker de steunafspraak aanneemt
    Dan ziet de welzijnsmedewerker in het plan alleen de afspraak "Hulp met geld"

  @X1
  Scenario: Zonder de ouder begint er niets
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    Als de moeder het niet eens is met het plan
    Dan is er geen enkele steunafspraak
    En heeft de welzijnsmedewerker geen enkele taak
    En heeft de verpleegkundige de taak "Steunplan maken"

  @S13-4 @X1
  Scenario: Een organisatie zonder toestemming krijgt geen taak
    Gegeven dat de moeder alleen toestemming geeft aan de gezinscoach
    Dan kan de verpleegkundige geen afspraak met welzijn in het plan zetten
    En is er geen enkele steunafspraak
    En heeft de welzijnsmedewerker geen enkele taak

  @X9
  Scenario: Een ouder die toestemming intrekt, stopt de afspraak van die organisatie
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    En een plan waarin oma oppast en welzijn helpt met geld, dat loopt
    Als de moeder haar toestemming voor welzijn intrekt
    Dan is de afspraak "Hulp met geld" gestopt
    En loopt de afspraak "Oppassen"
    En heeft de welzijnsmedewerker geen enkele taak

  @X5
  Scenario: Een verlies stopt elke steunafspraak
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    En een plan waarin oma oppast en welzijn helpt met geld, dat loopt
    Als de verloskundige een miskraam meldt
    Dan is de afspraak "Hulp met geld" gestopt
    En heeft de welzijnsmedewerker geen enkele taak

  @5.7
  Scenario: Het gezin kijkt steeds opnieuw samen terug
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    En een plan waarin oma oppast en welzijn helpt met geld, dat loopt
    Als er 43 dagen voorbijgaan
    Dan heeft de verpleegkundige de taak "Samen terugkijken"
    Als het gezin met de verpleegkundige besluit zo door te gaan
    En er 90 dagen voorbijgaan
    Dan heeft de verpleegkundige de taak "Samen terugkijken"
    Als het gezin met de verpleegkundige besluit zo door te gaan
    Dan is er 2 keer samen teruggekeken

  @5.7
  Scenario: Eerder terugkijken kan als iemand dat vraagt
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    En een plan waarin oma oppast en welzijn helpt met geld, dat loopt
    Als de welzijnsmedewerker vraagt om eerder terug te kijken
    Dan heeft de verpleegkundige de taak "Samen terugkijken"

  @5.7
  Scenario: In een aangepast plan gaat door wat niet verandert
    Gegeven dat de moeder toestemming geeft aan welzijn en de gezinscoach
    En een plan waarin oma oppast en welzijn helpt met geld, dat loopt
    Als er 43 dagen voorbijgaan
    En het gezin met de verpleegkundige besluit het plan aan te passen
    En de verpleegkundige met de moeder het oppassen vervangt door koken
    Dan is de afspraak "Oppassen" gestopt
    En loopt de afspraak "Koken"
    En loopt de afspraak "Hulp met geld"
    En ligt bij de welzijnsmedewerker nog dezelfde taak
