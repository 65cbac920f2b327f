# language: nl
Functionaliteit: Een verlies legt alles over de geboorte meteen stil

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten

  @S13-7 @X5 @D20
  Scenario: Een miskraam tijdens de verkenning
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verpleegkundige de verkenning oppakt
    En de verloskundige een miskraam meldt
    Dan is de enige open taak "Contact opnemen na verlies"
    En ligt die taak bij de jeugdgezondheidszorg
    En is er geen termijn meer die met de geboorte te maken heeft

  @S13-7 @X5
  Scenario: Een verlies voordat er toestemming is
    Als de verloskundige het signaal vastlegt
    En de verloskundige een miskraam meldt
    Dan is de enige open taak "Contact opnemen na verlies"
    En ligt die taak bij de verloskundigenpraktijk
    En ziet niemand buiten de praktijk de casus

  @X5
  Scenario: De casus blijft open zolang de ouder dat wil
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    En de verloskundige een miskraam meldt
    En er 30 dagen voorbijgaan
    Dan is de casus nog open
    Als de verloskundige het contact na het verlies afrondt
    Dan is de casus gesloten met het resultaat "Verlies"
    En staat vast bij wie de moeder terecht kan
