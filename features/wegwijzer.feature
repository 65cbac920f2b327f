# language: nl
Functionaliteit: Weten wat de gemeente heeft, en hoe vers dat is

  Achtergrond:
    Gegeven een regio met een verloskundigenpraktijk en de jeugdgezondheidszorg in Venlo

  @S13-1
  Scenario: Eén geldvraag in Weert: het zorgpad met contactpersoon en datum van nakijken
    Gegeven een zorgpad financiën van Weert dat vandaag is nagekeken
    En een zwangere met één duidelijke geldvraag in Weert
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan is het advies een zorgpad
    En ziet de verloskundige het zorgpad financiën van Weert met contactpersoon en datum van nakijken

  @S13-17
  Scenario: Een zorgpad dat een jaar niet is nagekeken, zegt dat duidelijk en komt bij de beleidsambtenaar
    Gegeven een zorgpad financiën van Weert dat 366 dagen geleden is nagekeken
    En een zwangere met één duidelijke geldvraag in Weert
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan is het advies een verkenning
    En ziet de verloskundige dat het zorgpad financiën van Weert niet meer is nagekeken
    Als de verloskundige samen met de moeder kiest voor een verkenning
    Dan hoort de beleidsambtenaar van Weert dat het zorgpad financiën nodig was
    En hoort de beleidsambtenaar van Venlo niets
    Als de beleidsambtenaar van Weert het zorgpad financiën nakijkt
    Dan hoort de beleidsambtenaar van Weert niets meer

  @S13-1
  Scenario: Een gemeente zonder zorgpad: samen verkennen, en de beleidsambtenaar hoort niets over het gezin
    Gegeven een zwangere met één duidelijke geldvraag in Weert
    Als de verloskundige het signaal vastlegt
    Dan hoort de beleidsambtenaar van Weert niets
    Als de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan is het advies een verkenning
    Als de verloskundige samen met de moeder kiest voor een verkenning
    Dan hoort de beleidsambtenaar van Weert dat het zorgpad financiën nodig was

  @S13-1
  Scenario: Een zorgpad dat vol is, zegt dat er een wachtlijst is
    Gegeven een zorgpad financiën van Weert dat vol is, met een wachttijd van "drie maanden"
    En een zwangere met één duidelijke geldvraag in Weert
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan is het advies een zorgpad
    En ziet de verloskundige dat het zorgpad vol is, met een wachttijd van "drie maanden"

  @S13-6
  Abstract Scenario: VoorZorg is een mogelijkheid tot 28 weken
    Gegeven VoorZorg dat in Venlo wordt aangeboden
    En een zwangere van een eerste kind, <weken> weken zwanger, met schulden en geen netwerk
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan wordt VoorZorg als mogelijkheid <getoond>

    Voorbeelden:
      | weken | getoond      |
      | 27    | getoond      |
      | 28    | niet getoond |

  @S13-6
  Scenario: Wat de gemeente niet aanbiedt, wordt niet getoond
    Gegeven een zwangere van een eerste kind, 20 weken zwanger, met schulden en geen netwerk
    Als de verloskundige het signaal vastlegt
    En de moeder toestemming geeft aan de jeugdgezondheidszorg
    Dan wordt VoorZorg als mogelijkheid niet getoond

  @D12
  Scenario: De beleidsambtenaar van Venlo mag het zorgpad van Weert niet wijzigen
    Gegeven een zorgpad financiën van Weert dat vandaag is nagekeken
    Dan mag de beleidsambtenaar van Venlo het zorgpad financiën van Weert niet wijzigen
    En mag de verloskundige het zorgpad financiën van Weert niet wijzigen

  @D9
  Scenario: Wie een oudere versie las, zet geen nieuwere opzij
    Gegeven een zorgpad financiën van Weert dat vandaag is nagekeken
    Als de beleidsambtenaar van Weert het zorgpad financiën nakijkt
    Dan kan niemand nog de eerste versie van het zorgpad financiën van Weert wijzigen
