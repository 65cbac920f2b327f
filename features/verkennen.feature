# language: nl
Functionaliteit: Samen met het gezin verkennen

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @D10
  Scenario: Wie een taak nog niet heeft opgepakt, weet niet om welk gezin het gaat
    Dan ziet de verpleegkundige een taak zonder naam van het gezin
    Als de verpleegkundige de verkenning oppakt
    Dan ziet de verpleegkundige bij de taak de naam van de moeder

  @D11
  Scenario: De casus gaat pas over als de verpleegkundige hem aanneemt
    Dan houdt de verloskundigenpraktijk de casus vast
    Als de verpleegkundige de verkenning oppakt
    Dan houdt de jeugdgezondheidszorg de casus vast

  @X7 @D10
  Scenario: Een taak die blijft liggen, gaat terug naar het team
    Als de verpleegkundige de verkenning oppakt
    En er 4 dagen voorbijgaan
    Dan ligt er een verkenning bij het team van de jeugdgezondheidszorg
    En kan een andere verpleegkundige de verkenning oppakken

  @D15
  Scenario: Een verlopen termijn komt bij de procesregisseur, zonder inhoud
    Als er 30 dagen voorbijgaan
    Dan heeft de procesregisseur de taak "Termijn verlopen: overleggen"
    En weet de procesregisseur niet om welk gezin het gaat
    En ligt er een verkenning bij het team van de jeugdgezondheidszorg

  @X8
  Scenario: Na drie pogingen zonder contact denkt de signaleerder mee
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige het gezin niet bereikt
    Dan heeft de verloskundigenpraktijk de taak "Gezin opnieuw benaderen"
    Als de verloskundige vraagt om het nog een keer te proberen
    Dan ligt er een verkenning bij het team van de jeugdgezondheidszorg

  @R19
  Scenario: De signaleerder hoort terug dat het gesprek er was
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige met de moeder besluit tot overleg in het knooppunt
    Dan heeft de jeugdgezondheidszorg de taak "Signaleerder terugkoppelen"
    Als de verpleegkundige de signaleerder terugkoppelt
    Dan heeft de jeugdgezondheidszorg de taak "Toestemming voor overleg en steun"

  @D11
  Scenario: De casus sluit met een resultaat en iemand bij wie de ouder terecht kan
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige met de moeder besluit dat er geen verdere steun nodig is
    En de verpleegkundige de signaleerder terugkoppelt
    En de verpleegkundige de casus samen met de moeder afrondt
    Dan is de casus gesloten met het resultaat "Verder met gewone zorg"
    En staat vast bij wie de moeder terecht kan

  @D9
  Scenario: Twee verpleegkundigen pakken dezelfde taak
    Als de verpleegkundige de verkenning oppakt
    Dan kan een andere verpleegkundige de verkenning niet ook oppakken

  @D9
  Scenario: Wie te laat is, hoort wie er eerder was en houdt de eigen tekst
    Als de verpleegkundige de verkenning oppakt
    En er 4 dagen voorbijgaan
    En een andere verpleegkundige de verkenning oppakt
    Dan hoort de verpleegkundige bij het afronden wie haar voor was
    En is wat de verpleegkundige typte bewaard als concept
