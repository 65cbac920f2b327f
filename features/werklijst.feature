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
