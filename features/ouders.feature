# language: nl
Functionaliteit: Elke ouder beslist voor zichzelf

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een welzijnsorganisatie en een kraamzorgorganisatie die gezinnen in Venlo steunen
    En een zwangere met schulden, geen netwerk en psychische klachten

  @X13
  Scenario: De ene ouder geeft geen toestemming voor de andere
    Gegeven de partner mag van de hulp weten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verloskundige de partner vastlegt, met een eigen veilig contact
    En de verpleegkundige de verkenning oppakt
    Dan ziet de verpleegkundige dat er een andere ouder is, maar niet wie
    Als de partner zelf toestemming geeft aan de jeugdgezondheidszorg
    Dan ziet de verpleegkundige wie de andere ouder is
    En heeft elke ouder een eigen veilig contact

  @X13
  Scenario: Het adres van de moeder is geheim
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Als de verloskundige vastlegt dat het adres van de moeder geheim is
    En de verpleegkundige de verkenning oppakt
    En de welzijnswerker dit gezin helpt
    Dan weet de verpleegkundige waar de moeder is
    En weet de verloskundige waar de moeder is
    En blijft voor de welzijnswerker verborgen waar de moeder is

  @X13
  Scenario: Ouders die uit elkaar zijn, krijgen elk hun eigen uitnodiging
    Gegeven de partner mag van de hulp weten
    En een verkenning die bij de jeugdgezondheidszorg ligt
    Als de procesregisseur de ouders apart uitnodigt voor het knooppunt
    Dan staat bij het overleg dat de andere ouder apart komt

  @X13
  Scenario: De partner mag het niet weten
    Gegeven een verkenning die bij de jeugdgezondheidszorg ligt
    Dan wordt het geweigerd om de partner iets te vragen
    En wordt het geweigerd om de partner uit te nodigen
