# language: nl
Functionaliteit: De ouder beslist wat er gedeeld wordt

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten

  @S13-3 @X1
  Scenario: Zonder toestemming ziet niemand anders een gegeven en gaat de gewone zorg door
    Als de verloskundige het signaal vastlegt
    En de moeder geen toestemming geeft
    Dan is de casus gesloten omdat er geen toestemming is
    En ziet niemand buiten de praktijk de casus
    En heeft de jeugdgezondheidszorg geen enkele taak
    En is er met niemand iets gedeeld
    Als er 31 dagen voorbijgaan
    Dan blijft er alleen een casus zonder gezin over om te tellen

  @S13-3
  Scenario: Vóór de toestemming blijft alles bij de praktijk
    Als de verloskundige het signaal vastlegt
    Dan ziet niemand buiten de praktijk de casus
    En heeft de jeugdgezondheidszorg geen enkele taak
    En is er met niemand iets gedeeld

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

  @X1 @S13-4
  Scenario: Een deel mag, een deel niet
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg, maar niet voor medische gegevens
    Dan staat er dat samen verkennen mag, behalve met medische gegevens
    En staat er dat de gemeente niets mag weten
    Als de verloskundige samen met de moeder kiest voor een verkenning
    En de verpleegkundige de verkenning oppakt
    Dan is er alleen met de jeugdgezondheidszorg gedeeld, en geen medische gegevens

  @X1 @X13
  Scenario: De partner wil niet wat de moeder wel wil
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    En de partner weigert wat de moeder goedvindt
    En de verloskundige samen met de moeder kiest voor een verkenning
    En de verpleegkundige de verkenning oppakt
    Dan ziet de verpleegkundige niets van de partner, ook niet dat die weigerde
    En ziet de verloskundige wat de partner zei

  @LR4
  Scenario: Voor een overheid zonder eigen wettelijke grond is een ja van de moeder niet genoeg
    Gegeven een medewerker van de provincie die casussen wil regisseren
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    En de moeder ook de provincie toestemming geeft
    Dan wordt delen met de provincie geweigerd omdat er geen wettelijke grond is

  @S13-18 @X9
  Scenario: De moeder trekt haar toestemming in
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Als de moeder haar toestemming intrekt
    Dan heeft de jeugdgezondheidszorg geen enkele taak
    En houdt de verloskundigenpraktijk de casus vast

  @S13-18 @X9
  Scenario: Wie al bezig was, ziet niets meer; dat er iets stopte blijft zichtbaar, niet wat
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verpleegkundige de verkenning oppakt
    En de moeder alles in één keer intrekt
    Dan kan de verpleegkundige de verkenning niet meer zien en niet meer afronden
    En ziet niemand buiten de praktijk de casus
    En houdt de verloskundigenpraktijk de casus vast
    En heeft de verloskundigenpraktijk een taak die zegt dat er iets gestopt is, en niet wat
    En staat opgeschreven dat de jeugdgezondheidszorg vanaf dat moment niets meer ziet

  @S13-18 @X9
  Scenario: Een toestemming die afloopt, telt vanaf dat moment niet meer
    Als de verloskundige het signaal vastlegt
    En de moeder voor 10 dagen toestemming geeft aan de jeugdgezondheidszorg
    En de verloskundige samen met de moeder kiest voor een verkenning
    En de verpleegkundige de verkenning oppakt
    En de laatste dag van die toestemming om is, en het systeem nog niets deed
    Dan kan de verpleegkundige de verkenning niet meer zien en niet meer afronden
    Als er 1 dagen voorbijgaan
    Dan houdt de verloskundigenpraktijk de casus vast
    En heeft de verloskundigenpraktijk een taak die zegt dat er iets gestopt is, en niet wat

  @X4 @D12
  Scenario: Als iemands leven in gevaar is, mag een ander zonder toestemming lezen wat nodig is, en niet langer
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg, maar niet voor medische gegevens
    En de verloskundige samen met de moeder kiest voor een verkenning
    En de verpleegkundige de verkenning oppakt
    En de verloskundige medische gegevens deelt omdat iemands leven in gevaar is
    Dan leest de verpleegkundige medische gegevens, op grond van vitaal belang
    Als de verloskundige zich niet langer op die grond beroept
    Dan leest de verpleegkundige geen medische gegevens meer
    En staat er op welke grond en hoe lang dat mocht
