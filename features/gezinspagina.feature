# language: nl
Functionaliteit: De eigen pagina van het gezin

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En de partner mag van de hulp weten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    En de verpleegkundige verkent met de ouder
    En beide ouders een eigen inlog hebben

  @S13-14
  Scenario: Een ouder ziet wie het verhaal vasthoudt en wie wat van haar weet
    Dan ziet de moeder dat de jeugdgezondheidszorg haar verhaal vasthoudt
    En ziet de moeder wat de jeugdgezondheidszorg van haar kan lezen en waarom dat mag
    En ziet de moeder wie in haar gegevens keek

  @X9 @S13-18
  Scenario: Een ouder trekt zelf een toestemming in
    Als de moeder op haar pagina de toestemming voor de verkenning intrekt
    Dan ziet de verpleegkundige de casus niet meer
    En krijgt de verloskundige de taak "Er is iets gestopt: samen opnieuw naar het plan kijken"
    Als de moeder op haar pagina toch weer ja zegt tegen haar naam en haar vraag
    Dan mag de jeugdgezondheidszorg alleen haar naam en haar vraag weten

  @LR12
  Scenario: Een ouder zet er eigen woorden bij en vraagt een kopie
    Als de moeder erbij zet "Ik wil vooral rust."
    En de moeder op de eigen pagina een kopie vraagt
    Dan leest de verpleegkundige "Ik wil vooral rust." bij de casus
    En krijgt de verpleegkundige de taak "Kopie van het dossier geven"
    En ziet de moeder vóór welke dag zij antwoord krijgt

  @X15
  Scenario: Een ouder maakt bezwaar tegen iemand die zij kent
    Als de moeder bezwaar maakt tegen de verpleegkundige, die haar buurvrouw is
    Dan ziet de verpleegkundige de casus niet meer
    En krijgt de andere verpleegkundige de taak "Een ouder maakte bezwaar: bespreken wat nodig is"

  @X13
  Scenario: Van de andere ouder en van veiligheid is niets te merken
    Gegeven wat de moeder op haar pagina leest
    Als de partner erbij zet "Dit is van mij."
    En de partner op de eigen pagina een kopie vraagt
    En de verpleegkundige zich zorgen maakt over de veiligheid
    Dan leest de moeder op haar pagina precies hetzelfde
