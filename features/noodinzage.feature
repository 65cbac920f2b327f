# language: nl
Functionaliteit: In nood kijken kan, kort en in het zicht van iedereen

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning die bij de jeugdgezondheidszorg ligt

  @X4 @D12
  Scenario: Een andere verloskundige leest in nood wat ze nodig heeft, en niet meer
    Als een verloskundige van een andere praktijk in nood het gezin opent dat zij kent
    Dan leest zij wat de moeder vertelde
    Maar de casus blijft voor haar dicht

  @D13
  Scenario: Wie het gezin vasthoudt en de logbeheerder horen het meteen
    Als een verloskundige van een andere praktijk in nood het gezin opent dat zij kent
    Dan heeft de verloskundigenpraktijk de taak "Noodinzage: lees wie er keek"
    En heeft de logbeheerder de taak "Noodinzage beoordelen"
    En weet de logbeheerder niet om welk gezin het gaat

  @D12
  Scenario: Na een uur is het voorbij
    Als een verloskundige van een andere praktijk in nood het gezin opent dat zij kent
    En er een uur voorbijgaat
    Dan leest zij niets meer

  @D12
  Scenario: Wie het gezin vasthoudt kan het stoppen
    Als een verloskundige van een andere praktijk in nood het gezin opent dat zij kent
    En het meelezen wordt beëindigd door de verloskundigenpraktijk
    Dan leest zij niets meer

  @X2 @D12
  Scenario: Ook in nood blijft een zorg over veiligheid bij de eigen organisatie
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige zich tijdens de verkenning zorgen maakt over de veiligheid
    En een verloskundige van een andere praktijk in nood het gezin opent dat zij kent
    Dan leest zij niets over veiligheid

  @D12
  Scenario: Wie het gezin niet kent, hoort niet of het bekend is
    Als een verloskundige van een andere praktijk in nood een gezin probeert te openen met een halve naam
    Dan opent zij niets en hoort zij niet waarom
