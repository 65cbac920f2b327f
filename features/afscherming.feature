# language: nl
Functionaliteit: Wie een gezin ook anders kent, kijkt niet mee

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @X15
  Scenario: De verpleegkundige blijkt de buurvrouw te zijn
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige zegt dat zij het gezin kent
    Dan is de casus er voor de verpleegkundige niet
    En heeft de verpleegkundige geen enkele taak
    En heeft de andere verpleegkundige de taak "Verkenning doen"
    En staat in het logboek dat de casus voor de verpleegkundige gesloten is

  @X15
  Scenario: De moeder wil niet dat een kennis meeleest
    Als de verloskundige op verzoek van de moeder vastlegt dat de verpleegkundige het gezin kent
    Dan is de casus er voor de verpleegkundige niet
    En heeft de verpleegkundige geen enkele taak
    En heeft de andere verpleegkundige de taak "Verkenning doen"

  @X15
  Scenario: Iedereen van het team kent het gezin
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige op verzoek van de moeder vastlegt dat de andere verpleegkundige het gezin kent
    En de verpleegkundige zegt dat zij het gezin kent
    Dan heeft de procesregisseur de taak "Team zonder mensen: overleggen"

  @X15
  Scenario: De moeder wil het later toch
    Als de verloskundige op verzoek van de moeder vastlegt dat de verpleegkundige het gezin kent
    En de verloskundige de verpleegkundige weer toelaat
    Dan heeft de verpleegkundige de taak "Verkenning doen"
