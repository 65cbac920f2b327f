# language: nl
Functionaliteit: Een signaal vastleggen en samen een route kiezen

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo

  @S13-2 @LR19
  Scenario: Meer zorgen tegelijk vragen om een verkenning
    Gegeven een zwangere met schulden, geen netwerk en psychische klachten
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan is het advies een verkenning
    Als de verloskundige samen met de moeder kiest voor een verkenning
    Dan ligt er een verkenning bij het team van de jeugdgezondheidszorg

  @LR19
  Scenario: Eén duidelijke vraag past bij een zorgpad, maar een mens beslist
    Gegeven een zwangere met alleen schulden
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan is het advies een zorgpad
    Als de verloskundige samen met de moeder kiest voor een verkenning omdat de moeder eerst wil praten
    Dan ligt er een verkenning bij het team van de jeugdgezondheidszorg

  @X12
  Scenario: Een gezin zonder adres krijgt dezelfde weg
    Gegeven een zwangere zonder vast adres met schulden en geen netwerk
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan is het advies een verkenning

  @S13-20
  Scenario: Een tolk staat bij elke vervolgtaak
    Gegeven een zwangere met schulden en geen netwerk, die een tolk nodig heeft
    Als de verloskundige het signaal vastlegt
    Dan staat bij elke open taak dat er een tolk nodig is
    Als de moeder toestemming geeft aan de jeugdgezondheidszorg
    En de verloskundige samen met de moeder kiest voor een verkenning
    Dan staat bij elke open taak dat er een tolk nodig is

  @S13-3
  Scenario: Geen extra steun nodig, dus geen casus
    Gegeven een zwangere met alleen schulden
    Als de verloskundige vastlegt dat er geen extra steun nodig is
    Dan is de casus gesloten omdat er geen casus nodig is
    En ziet niemand buiten de praktijk de casus

  @X20
  Scenario: Een signaal dat per ongeluk begon, laat niets na
    Gegeven een zwangere met alleen schulden
    Als de verloskundige het signaal vastlegt
    En de verloskundige het concept weggooit
    Dan is de casus gesloten omdat het concept is weggegooid
    En is er van het gezin niets bewaard
