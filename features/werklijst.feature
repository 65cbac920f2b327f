# language: nl
Functionaliteit: Werk ligt altijd bij iemand die er is

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @D10
  Scenario: Een taak gaat met een paar woorden naar een collega, en kan terug
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige de verkenning doorgeeft aan de andere verpleegkundige
    Dan heeft de andere verpleegkundige de verkenning, met de woorden van de verpleegkundige
    Als de andere verpleegkundige de verkenning doorgeeft aan de verpleegkundige
    Dan heeft de verpleegkundige de verkenning weer

  @D10 @D11
  Scenario: Wie afwezig is, laat geen gezin alleen
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige meldt dat zij er drie dagen niet is
    Dan ligt de verkenning bij het team
    En houdt de jeugdgezondheidszorg de casus vast, zonder iemand in persoon
    Als de andere verpleegkundige oppakt wat er ligt
    En de andere verpleegkundige de verkenning doorgeeft aan de verpleegkundige
    Dan ligt de verkenning bij het team
    Als de verpleegkundige eerder terug is
    Dan ligt de verkenning bij het team

  @D11
  Scenario: Is er niemand meer, dan hoort de procesregisseur het
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige meldt dat zij er drie dagen niet is
    En de andere verpleegkundige meldt dat zij er drie dagen niet is
    Dan heeft de procesregisseur de taak "Team zonder mensen: overleggen"

  @D10 @D11
  Scenario: Een vervanger heeft de taken zolang iemand er niet is, en geeft ze daarna terug
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige meldt dat zij er morgen twee dagen niet is, met de andere verpleegkundige als vervanger
    Dan heeft de verpleegkundige de verkenning nog
    Als er 1 dagen voorbijgaan
    Dan heeft de andere verpleegkundige de verkenning zolang
    En heeft de andere verpleegkundige de casus in handen
    Als er 2 dagen voorbijgaan
    Dan heeft de andere verpleegkundige de verkenning nog
    Als de andere verpleegkundige de verkenning doorgeeft aan de verpleegkundige
    Dan heeft de verpleegkundige de verkenning, met de woorden van de andere verpleegkundige

  @D10 @D12
  Scenario: Alleen iemand van het eigen team kan vervangen
    Als de verpleegkundige de verkenning oppakt
    Dan kan de verpleegkundige de verloskundige niet als vervanger kiezen
    En heeft de verpleegkundige de verkenning nog

  @D10
  Scenario: Een lijst onder een eigen naam telt mee met wat er ligt, en is van wie hem bewaarde
    Als de verpleegkundige de taken van Venlo bewaart als "Venlo"
    Dan telt de lijst "Venlo" van de verpleegkundige 1 taken
    En heeft de andere verpleegkundige geen lijst en kan zij die van een ander niet weghalen
    Als de andere verpleegkundige oppakt wat er ligt
    Dan telt de lijst "Venlo" van de verpleegkundige 0 taken

  @D10
  Scenario: Twee lijsten met dezelfde naam, of een lijst van alles, worden geweigerd
    Als de verpleegkundige de taken van Venlo bewaart als "Venlo"
    Dan kan de verpleegkundige niet nog een lijst bewaren die "Venlo" heet
    En kan de verpleegkundige geen lijst bewaren van alles
