# language: nl
Functionaliteit: De ouder weet wie er keek

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten

  @S13-14
  Scenario: De moeder krijgt een leesbaar overzicht per dag, organisatie en reden
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verpleegkundige de verkenning oppakt
    En er 2 dagen voorbijgaan
    En de verpleegkundige de casus 3 keer bekijkt
    En er 1 dagen voorbijgaan
    En de verloskundige de casus 1 keer bekijkt
    En de verpleegkundige met de moeder bekijkt wie er keek
    Dan staat er bij vandaag dat de praktijk 1 keer keek "Om u te begeleiden, en te weten hoe het met het signaal gaat"
    En staat er bij gisteren dat de jeugdgezondheidszorg 3 keer keek "Om samen met u te verkennen wat u nodig heeft"
    En staat daarbij dat zij daarvoor toestemming gaf
    En kan alleen de verpleegkundige het met haar bekijken

  @S13-14 @X2
  Scenario: Over veiligheid staat er niets in, ook niet dat er iets weg is
    Als de verloskundige het signaal vastlegt met "Ja" bij veiligheid
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    En de verloskundige samen met de moeder kiest voor een verkenning
    En de verpleegkundige de verkenning oppakt
    En de verpleegkundige met de moeder bekijkt wie er keek
    En de aandachtsfunctionaris van de praktijk de zorg bekijkt
    Dan staat er in het overzicht niets anders dan ervoor
