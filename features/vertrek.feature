# language: nl
Functionaliteit: Niemand raakt een gezin kwijt doordat een professional vertrekt

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @S13-10 @X7
  Scenario: De taken van wie uit dienst gaat liggen meteen bij het team
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige uit dienst gaat
    Dan heeft de andere verpleegkundige de taak "Verkenning doen"
    En houdt de jeugdgezondheidszorg de casus vast, zonder iemand in persoon
    En heeft de procesregisseur geen enkele taak
    En kan een andere verpleegkundige de verkenning oppakken

  @S13-10 @X7 @WO2
  Scenario: Stopt de organisatie waar het begon, dan zoekt de procesregisseur een team en is het gezin steeds van iemand
    Gegeven een casusregisseur in Venlo en een casusregisseur in Roermond
    En dat de moeder het eens is met de toegangsteams
    Als de jeugdgezondheidszorg stopt
    En de verloskundigenpraktijk stopt
    Dan heeft de procesregisseur de taak "Team zonder mensen: overleggen"
    Als de procesregisseur de casus aanbiedt aan de casusregisseur van Venlo
    Dan is de casus nog van de verloskundigenpraktijk
    Als de casusregisseur van Venlo het gezin aanneemt
    Dan is de casus van de casusregisseur van Venlo
    En heeft de casusregisseur van Venlo de taak "Eerste contact vastleggen"

  @S13-10 @X7
  Scenario: Bij vertrek gaat alles in één stap naar een collega, en de tijdlijn zegt wie nieuw is
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige uit dienst gaat en alles naar de andere verpleegkundige gaat
    Dan houdt de andere verpleegkundige de casus zelf vast
    En zegt de tijdlijn dat de andere verpleegkundige de casus ging vasthouden

  @X7
  Scenario: Wie uit dienst is, pakt niets meer op
    Als de verpleegkundige uit dienst gaat
    Dan kan de verpleegkundige niets meer oppakken

  @X7
  Scenario: Is er niemand meer, dan weet de procesregisseur het dezelfde dag
    Als de verpleegkundige de verkenning oppakt
    En de andere verpleegkundige uit dienst gaat
    En de verpleegkundige uit dienst gaat
    Dan heeft de procesregisseur de taak "Team zonder mensen: overleggen"
    En weet de procesregisseur niet om welk gezin het gaat

  @X7
  Scenario: Een rol die vanzelf afloopt wordt die nacht gezien, en één keer gemeld
    Gegeven een invalkracht bij de jeugdgezondheidszorg tot en met morgen
    Als de invalkracht de verkenning oppakt
    En de verpleegkundige uit dienst gaat
    En de andere verpleegkundige uit dienst gaat
    Dan heeft de procesregisseur geen enkele taak
    Als er 4 nachten voorbijgaan
    Dan heeft de procesregisseur de taak "Team zonder mensen: overleggen"

  @S13-10 @X7
  Scenario: Verdwijnt iemand zonder dat het is gemeld, dan hoort de procesregisseur het die dag en ligt de casus bij het team
    Als de verpleegkundige de verkenning oppakt
    En de rol van de verpleegkundige gisteren afliep
    En er 1 nachten voorbijgaan
    Dan heeft de procesregisseur de taak "Vaste persoon weg: overleggen"
    En houdt de jeugdgezondheidszorg de casus vast, zonder iemand in persoon

  @X7
  Scenario: Stopt een organisatie, dan gaat het gezin terug naar waar het vandaan kwam
    Als de verpleegkundige de verkenning oppakt
    En de jeugdgezondheidszorg stopt
    Dan houdt de verloskundigenpraktijk de casus vast, zonder iemand in persoon
    En heeft de verloskundigenpraktijk de taak "Verkenning doen"

  @X7
  Scenario: Voor een organisatie stopt, ligt bij elk gezin een overdracht naar de opvolger klaar
    Gegeven een opvolger voor de jeugdgezondheidszorg
    Als de verpleegkundige de verkenning oppakt
    En de overdrachten naar de opvolger klaargezet worden
    Dan heeft de verpleegkundige de taak "Overdracht voorbereiden"
    En heeft de opvolger geen enkele taak
    Als de jeugdgezondheidszorg stopt
    Dan houdt de verloskundigenpraktijk de casus vast, zonder iemand in persoon
    En heeft de verloskundigenpraktijk de taak "Overdracht voorbereiden"
    En heeft de procesregisseur geen enkele taak

  @X7
  Scenario: Is er geen opvolger, dan zoekt de procesregisseur er een
    Als de verpleegkundige de verkenning oppakt
    En de jeugdgezondheidszorg stopt
    Dan heeft de procesregisseur de taak "Organisatie stopt: opvolger zoeken"
    En weet de procesregisseur niet om welk gezin het gaat

  @X7
  Scenario: Stopt de organisatie waar het gezin vandaan kwam, dan weet de procesregisseur het
    Als de verloskundigenpraktijk stopt
    Dan heeft de procesregisseur de taak "Team zonder mensen: overleggen"

  @X7
  Scenario: Alleen de beheerder meldt iemand uit dienst
    Dan kan de andere verpleegkundige de verpleegkundige niet uit dienst melden
