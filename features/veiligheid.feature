# language: nl
Functionaliteit: Een zorg over veiligheid loopt apart en in stilte

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten

  @S13-5 @X2 @D2
  Abstract Scenario: Een zorg gaat meteen naar de aandachtsfunctionaris van de eigen organisatie
    Als de verloskundige het signaal vastlegt met "<antwoord>" bij veiligheid
    Dan krijgt de verloskundige eerst een telefoonnummer te zien
    En heeft de aandachtsfunctionaris van de praktijk één taak
    En loopt de casus verder alsof er niets is ingevuld

    Voorbeelden:
      | antwoord                |
      | Ik twijfel              |
      | Ja                      |
      | Ja, er is nu direct gevaar |

  @S13-5 @D2
  Scenario: Zonder zorg gebeurt er niets extra
    Als de verloskundige het signaal vastlegt met "Nee" bij veiligheid
    Dan heeft de aandachtsfunctionaris van de praktijk geen taak

  @X2 @D12
  Scenario: Ook met toestemming ziet de jeugdgezondheidszorg het antwoord over veiligheid niet
    Als de verloskundige het signaal vastlegt met "Ja" bij veiligheid
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    En de verloskundige samen met de moeder kiest voor een verkenning
    En de verpleegkundige de verkenning oppakt
    Dan ziet de verpleegkundige niets over veiligheid

  @X2
  Scenario: De aandachtsfunctionaris reageert, en de casus merkt er niets van
    Als de verloskundige het signaal vastlegt met "Ja" bij veiligheid
    En de aandachtsfunctionaris van de praktijk reageert op de zorg
    Dan heeft de aandachtsfunctionaris van de praktijk geen taak
    En loopt de casus verder alsof er niets is ingevuld

  @S13-5 @X2
  Scenario: Ook bij de verkenning blijft een zorg in de eigen organisatie
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verpleegkundige de verkenning oppakt
    En de verpleegkundige zich tijdens de verkenning zorgen maakt over de veiligheid
    Dan heeft de aandachtsfunctionaris van de jeugdgezondheidszorg één taak
    En heeft de aandachtsfunctionaris van de praktijk geen taak
    En heeft de jeugdgezondheidszorg de taak "Signaleerder terugkoppelen"
    En ziet de verloskundige niets over veiligheid
