# language: nl
Functionaliteit: Niemand wacht ongemerkt

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden en geen netwerk, die een tolk nodig heeft

  @X18 @D14
  Scenario: Een taak heet op tijd bijna te laat
    Als de verloskundige het signaal vastlegt
    En er 3 dagen voorbijgaan
    Dan is de taak "Toestemming vragen" van de verloskundige nog op tijd
    Als er 3 dagen voorbijgaan
    Dan is de taak "Toestemming vragen" van de verloskundige bijna te laat
    En heeft de procesregisseur geen enkele taak

  @D15
  Scenario: Elke verlopen termijn komt één keer bij de procesregisseur, zonder inhoud
    Als de verloskundige het signaal vastlegt
    En er 60 dagen voorbijgaan
    Dan heeft de procesregisseur de taak "Termijn verlopen: overleggen"
    En weet de procesregisseur niet om welk gezin het gaat

  @D15
  Scenario: Wat intussen gedaan is, hoeft de procesregisseur niet meer te bespreken
    Als de verloskundige het signaal vastlegt
    En er 10 dagen voorbijgaan
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan heeft de procesregisseur geen enkele taak

  @D15
  Scenario: De procesregisseur ziet wat te laat is en bij wie het ligt
    Als de verloskundige het signaal vastlegt
    En er 10 dagen voorbijgaan
    Dan ziet de procesregisseur dat een taak bij de verloskundigenpraktijk te laat is, zonder het gezin

  @D18 @D14
  Scenario: Een gemeente kiest een andere termijn en lopende casussen gaan mee
    Als de verloskundige het signaal vastlegt
    En de coördinator de termijn "ask_consent" in Venlo op 20 werkdagen zet
    En er 10 dagen voorbijgaan
    Dan heeft de procesregisseur geen enkele taak
    En is bij die termijn te zien dat de coördinator hem zette

  @D18
  Scenario: Een verloskundige zet geen termijnen
    Dan kan de verloskundige de termijn "ask_consent" niet veranderen

  @S13-20
  Scenario: Iedereen die met het gezin werkt, ziet wat eraan komt
    Als de verloskundige het signaal vastlegt
    Dan ziet de verloskundige wanneer de moeder 34 weken zwanger is
    En ziet de verloskundige wanneer het kind twee jaar wordt
    En ziet de verpleegkundige niet wat eraan komt

  @X5
  Scenario: Na een verlies wordt niets meer verwacht
    Als de verloskundige het signaal vastlegt
    En de verloskundige een miskraam meldt
    Dan verwacht niemand nog iets van de geboorte

  @D14
  Scenario: Van een gesloten casus is bekend tot wanneer hij bewaard wordt
    Als de verloskundige vastlegt dat er geen extra steun nodig is
    Dan is bekend tot wanneer de casus bewaard wordt
