# language: nl
Functionaliteit: De ouder beslist wat er gedeeld wordt

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten

  @S13-3 @X1
  Scenario: Zonder toestemming ziet niemand anders een gegeven
    Als de verloskundige het signaal vastlegt
    En de moeder geen toestemming geeft
    Dan is de casus gesloten omdat er geen toestemming is
    En ziet niemand buiten de praktijk de casus
    En heeft de jeugdgezondheidszorg geen enkele taak

  @S13-3
  Scenario: Vóór de toestemming blijft alles bij de praktijk
    Als de verloskundige het signaal vastlegt
    Dan ziet niemand buiten de praktijk de casus
    En heeft de jeugdgezondheidszorg geen enkele taak

  @X1
  Scenario: De moeder wil er eerst over nadenken
    Als de verloskundige het signaal vastlegt
    En de moeder er eerst over wil nadenken
    Dan ziet niemand buiten de praktijk de casus
    Als er 14 dagen voorbijgaan
    Dan heeft de verloskundigenpraktijk de taak "Toestemming vragen"

  @X1 @D12
  Scenario: Wie de jeugdgezondheidszorg niet wil, krijgt geen verkenning zonder nieuwe vraag
    Als de verloskundige het signaal vastlegt
    En de moeder alleen toestemming geeft aan de gemeente
    En de verloskundige samen met de moeder kiest voor een verkenning
    Dan heeft de verloskundigenpraktijk de taak "Toestemming vragen"
    En heeft de jeugdgezondheidszorg geen enkele taak

  @S13-18 @X9
  Scenario: De moeder trekt haar toestemming in
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Als de moeder haar toestemming intrekt
    Dan heeft de jeugdgezondheidszorg geen enkele taak
    En houdt de verloskundigenpraktijk de casus vast
