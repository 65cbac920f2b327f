# language: nl
Functionaliteit: Een gezin overdragen aan iemand zonder account, zonder het los te laten

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo
    En een zwangere met schulden, geen netwerk en psychische klachten
    En een verkenning waarna er een steunplan komt

  @WO10
  Scenario: De huisarts leest met een link en een voorgelezen code wat mee mag
    Gegeven dat de moeder goedvindt dat het verhaal naar de huisarts gaat
    Als de verpleegkundige een link voor de huisarts klaarzet en de code voorleest
    En de huisarts de link met de code opent
    Dan leest de huisarts wie het gezin is
    En leest de huisarts niets dat de moeder niet goedvond
    En opent de link daarna niets meer
    Als de huisarts bevestigt dat het gezin is overgenomen
    Dan heeft de verpleegkundige de taak "Aangekomen: de overdracht buiten Steun op Maat"
    En houdt de jeugdgezondheidszorg de casus nog vast

  @WO10
  Scenario: Zonder toestemming gaat er niets naar buiten
    Dan kan de verpleegkundige niets klaarzetten voor de huisarts

  @WO10
  Scenario: Wie alleen de link heeft, leest niets
    Gegeven dat de moeder goedvindt dat het verhaal naar de huisarts gaat
    Als de verpleegkundige een link voor de huisarts klaarzet en de code voorleest
    En iemand vijf keer een verkeerde code probeert
    Dan opent de link daarna niets meer

  @WO10
  Scenario: De moeder bedenkt zich voordat de huisarts leest
    Gegeven dat de moeder goedvindt dat het verhaal naar de huisarts gaat
    Als de verpleegkundige een link voor de huisarts klaarzet en de code voorleest
    En de moeder haar toestemming voor de huisarts intrekt
    Dan opent de link daarna niets meer

  @WO10
  Scenario: Op papier, met een ontvangst door de telefoon
    Gegeven dat de moeder goedvindt dat het verhaal naar de huisarts gaat
    Als de verpleegkundige het op papier aan de huisarts geeft
    En de huisarts door de telefoon zegt dat het is gelezen
    Dan houdt de jeugdgezondheidszorg de casus nog vast
