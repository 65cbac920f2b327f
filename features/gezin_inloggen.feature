# language: nl
Functionaliteit: Een ouder logt in op een eigen pagina

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een welzijnsorganisatie en een kraamzorgorganisatie die gezinnen in Venlo steunen
    En een zwangere met schulden, geen netwerk en psychische klachten

  @LR12
  Scenario: Met een papier in handen komt een ouder binnen, en niemand anders
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verloskundige de moeder een uitnodiging in handen geeft
    Dan werkt de code op het papier één keer
    En ziet de moeder niets voordat zij de extra controle heeft
    Als de moeder de extra controle instelt
    Dan leest de moeder haar eigen verhaal, en dat staat in het logboek
    En is de moeder nergens een medewerker

  @LR12
  Scenario: Een kwijtgeraakte telefoon
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    En een moeder die inlogt
    Als de verloskundige een nieuwe uitnodiging geeft
    Dan is de moeder overal uitgelogd
    En werkt wat zij eerst had niet meer

  @LR12 @X13
  Scenario: De partner die het niet mag weten
    Gegeven de partner mag van de hulp weten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verloskundige de partner vastlegt, met een eigen veilig contact
    En de partner een eigen inlog krijgt
    Dan weet de ene ouder niets van de inlog van de andere
    Als de partner niets meer van de hulp mag weten
    Dan is de partner bij het volgende dat hij vraagt niemand meer
    En kan niemand de partner uitnodigen

  @LR12
  Scenario: De ouder wil niet meer
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    En een moeder die inlogt
    Als de moeder stopt met inloggen
    Dan is de moeder overal uitgelogd
