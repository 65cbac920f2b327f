# language: nl
Functionaliteit: Overleg in het knooppunt, met de ouders aan tafel

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een welzijnsorganisatie en een kraamzorgorganisatie die gezinnen in Venlo steunen

  @S13-4 @X1
  Scenario: Zonder toestemming voor de gemeente krijgt de gemeente geen uitnodiging
    Gegeven een gezin dat overleg goedvindt met de jeugdgezondheidszorg
    Als de procesregisseur een overleg plant met dit gezin
    Dan zit de jeugdgezondheidszorg aan tafel voor dit gezin
    En blijft de stoel van de gemeente leeg voor dit gezin
    En kan de gemeente niet alsnog worden uitgenodigd
    En ziet de procesregisseur het nummer van de casus, maar niet om wie het gaat

  @S13-4
  Scenario: De gemeente zit aan tafel als het gezin dat wil
    Gegeven een gezin dat overleg goedvindt met de gemeente
    Als de procesregisseur een overleg plant met dit gezin
    Dan zit de gemeente aan tafel voor dit gezin

  @D12
  Scenario: Ieder ziet op één agenda alleen de gezinnen die dat goedvinden
    Gegeven een gezin dat overleg goedvindt met de kraamzorg
    En nog een gezin dat overleg goedvindt met de welzijnsorganisatie
    En nog een gezin dat steun goedvindt, maar met niemand overleg
    Als de procesregisseur één overleg plant met deze gezinnen
    Dan ziet de kraamverzorgende alleen het eerste gezin op de agenda
    En ziet de welzijnswerker alleen het tweede gezin op de agenda
    En weet niemand van hen dat er meer gezinnen zijn
    En ziet de procesregisseur drie gezinnen op de agenda

  @S13-16
  Scenario: Een overleg zonder ouders kan alleen met een reden
    Gegeven een gezin dat overleg goedvindt met de jeugdgezondheidszorg
    Als de procesregisseur een overleg plant met dit gezin
    Dan kan het verslag niet zeggen dat de ouders er niet waren zonder te zeggen waarom
    Als het verslag zegt dat de moeder er niet was omdat haar kind ziek was
    Dan is het gezin besproken zonder de ouders

  @S13-16
  Scenario: De ouders niet uitnodigen kan alleen met een reden
    Gegeven een gezin dat overleg goedvindt met de jeugdgezondheidszorg
    Dan kan de procesregisseur geen overleg plannen zonder de ouders en zonder reden

  @S13-18 @X9
  Scenario: Wie haar toestemming intrekt, heeft diezelfde dag die organisatie niet meer aan tafel
    Gegeven een gezin dat overleg goedvindt met de jeugdgezondheidszorg en met de welzijnsorganisatie
    Als de procesregisseur een overleg plant met dit gezin
    En de moeder haar toestemming voor overleg met de welzijnsorganisatie intrekt
    Dan blijft de stoel van de welzijnsorganisatie leeg voor dit gezin
    En weet de welzijnswerker niets van het overleg
    En zit de jeugdgezondheidszorg aan tafel voor dit gezin

  @S13-7 @X5
  Scenario: Een verlies haalt het gezin van de agenda
    Gegeven een gezin dat overleg goedvindt met de welzijnsorganisatie
    En nog een gezin dat overleg goedvindt met de welzijnsorganisatie
    Als de procesregisseur één overleg plant met deze gezinnen
    En de verloskundige voor het eerste gezin een miskraam meldt
    Dan ziet de welzijnswerker alleen het tweede gezin op de agenda
    En weet niemand van hen dat er meer gezinnen zijn

  @D12
  Scenario: Een afgezegd overleg laat geen uitnodiging achter
    Gegeven een gezin dat overleg goedvindt met de welzijnsorganisatie
    Als de procesregisseur een overleg plant met dit gezin
    En de procesregisseur het overleg afzegt
    Dan weet de welzijnswerker niets van het overleg
    En staat het gezin op geen enkele agenda
