# language: nl
Functionaliteit: Wie iets te doen krijgt, hoort het, en niemand leest daarin om welk gezin het gaat

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten

  @D10 @D12
  Scenario: Een taak die wacht, wordt gemeld zonder naam, tot iemand hem heeft
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Dan hoort de verpleegkundige dat er een taak klaarstaat, zonder naam van het gezin
    En hoort de verloskundige van geen taak
    Als de andere verpleegkundige oppakt wat er ligt
    Dan hoort de verpleegkundige van geen taak

  @D10 @D12
  Scenario: Wie meteen mail wil, krijgt een mail zonder naam
    Gegeven een verpleegkundige die meteen mail wil
    En een verkenning die bij de jeugdgezondheidszorg ligt
    Dan krijgt de verpleegkundige mail over één taak, zonder naam van het gezin
    En krijgt de verpleegkundige verder geen mail

  @D10
  Scenario: Wie één keer per dag mail wil, krijgt die de volgende ochtend
    Gegeven een verpleegkundige die één keer per dag mail wil
    En een verkenning die bij de jeugdgezondheidszorg ligt
    Dan krijgt de verpleegkundige geen mail
    Als het de volgende ochtend is
    Dan krijgt de verpleegkundige mail over één taak, zonder naam van het gezin

  @D12
  Scenario: Wie er niet meer werkt, krijgt geen mail meer, ook niet over wat al klaarlag
    Gegeven een verpleegkundige die één keer per dag mail wil
    En een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verpleegkundige niet meer bij de jeugdgezondheidszorg werkt
    En het de volgende ochtend is
    Dan krijgt de verpleegkundige geen mail

  @D12
  Scenario: Naar een mailadres dat niemand bevestigde, gaat niets
    Gegeven een verpleegkundige die een mailadres opgaf en het niet bevestigde
    En een verkenning die bij de jeugdgezondheidszorg ligt
    Dan krijgt de verpleegkundige geen mail
