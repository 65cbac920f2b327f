# language: nl
Functionaliteit: Ouders houden zeggenschap over wat er over hen is opgeschreven

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    En de verpleegkundige houdt de casus vast

  @F13 @LR12
  Scenario: Een moeder vraagt een kopie en krijgt alles, op tijd
    Als de verloskundige vastlegt dat de moeder een kopie vraagt
    Dan heeft de verpleegkundige de taak "Kopie van het dossier geven"
    En is het antwoord binnen een maand
    Als de verpleegkundige de kopie maakt en geeft
    Dan staat in de kopie de vraag van de moeder in haar eigen woorden
    En staat in de kopie niets over veiligheid of over een ander
    En staat in het logboek wie de kopie maakte

  @F14 @D3
  Scenario: Wat niet klopt wordt verbeterd, en wat er stond blijft leesbaar
    Als de verloskundige verbetert wat de moeder zei in "Ik kom wel rond, maar zonder reserve."
    Dan leest de verpleegkundige de verbetering en wat er eerst stond
    En hoort de verpleegkundige dat er iets is verbeterd

  @F14
  Scenario: Een moeder voegt haar eigen woorden toe
    Als de verloskundige de eigen woorden "Ik zag het anders." van de moeder toevoegt
    Dan leest de verpleegkundige de eigen woorden "Ik zag het anders."

  @F14 @LR6
  Scenario: Op verzoek wordt alles vernietigd en blijft alleen het bewijs
    Als de verloskundige vastlegt dat de moeder alles wil laten vernietigen
    Dan heeft de verpleegkundige de taak "Verzoek om vernietiging beantwoorden"
    Als de verpleegkundige dat verzoek inwilligt
    En er 2 dagen voorbijgaan
    Dan is er van het gezin niets meer over dan het bewijs

  @LR6
  Scenario: Zolang er een klacht loopt, wordt er niets vernietigd
    Gegeven dat de verloskundige een bewaarplicht vastlegt vanwege een klacht
    Als de verloskundige vastlegt dat de moeder alles wil laten vernietigen
    Dan kan de verpleegkundige dat verzoek niet inwilligen
    Als de verloskundige zegt dat de bewaarplicht voorbij is
    En de verpleegkundige dat verzoek inwilligt
    En er 2 dagen voorbijgaan
    Dan is er van het gezin niets meer over dan het bewijs

  @LR6
  Scenario: Na de bewaartermijn besluiten twee mensen, zonder te zien om wie het gaat
    Gegeven dat de casus twintig jaar geleden gesloten is
    Dan staat de casus zonder naam op de lijst van de beheerder van de jeugdgezondheidszorg
    Als de beheerder van de jeugdgezondheidszorg de vernietiging bevestigt
    En er 2 dagen voorbijgaan
    Dan bestaat de casus nog
    Als de functionaris van de jeugdgezondheidszorg de vernietiging bevestigt
    En er 2 dagen voorbijgaan
    Dan is er van het gezin niets meer over dan het bewijs
