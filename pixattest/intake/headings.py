"""Field of a record → what its column is called, in the six languages of the pages.

Compared as `columns.plain` does, without case, accents, spaces and signs; Pix's own headings are
in `columns`. A word that means another thing in the next school or language is not here, and a
framework's own fields go first.
"""

from __future__ import annotations

# The role of the column that has the words before a last name, such as `van den`.
NAME_PREFIX = "name_prefix"

# A line a language where it has words of its own: fr, en, nl, de, es, it.
WORDS: dict[str, tuple[str, ...]] = {
    "first_name": (
        *("Prénoms", "Prénom usuel"),
        *("First names", "Forename", "Forenames", "Given name", "Given names"),
        *("Voornaam", "Voornamen", "Roepnaam"),
        *("Vorname", "Vornamen", "Rufname"),
        *("Nombre", "Nombres", "Nombre de pila"),
        *("Nome", "Nomi"),
    ),
    NAME_PREFIX: (
        "Particule",
        *("Surname prefix", "Last name prefix"),
        *("Tussenvoegsel", "Tussenvoegsels", "Tussenv.", "Voorvoegsel", "Voorvoegsels"),
        *("Namenszusatz", "Namensvorsatz", "Vorsatzwort"),
    ),
    "last_name": (
        *("Nom de famille", "Nom de naissance"),
        *("Last names", "Surname", "Surnames", "Family name"),
        *("Achternaam", "Achternamen", "Familienaam"),
        *("Nachname", "Nachnamen", "Familienname", "Zuname"),
        *("Apellido", "Apellidos"),
        *("Cognome", "Cognomi"),
    ),
    "birth_date": (
        *("Né le", "Née le", "Date naissance"),
        *("Date of birth", "Born on", "DOB"),
        *("Geboortedatum", "Geboren op"),
        *("Geburtsdatum", "Geboren am", "Geburtstag"),
        *("Fecha de nacimiento", "Fecha nacimiento", "Nacido el", "Nacida el"),
        *("Data di nascita", "Data nascita", "Nato il", "Nata il", "Nato/a il"),
    ),
    "birth_place": (
        *("Né à", "Née à", "Ville de naissance", "Commune de naissance"),
        *("Place of birth", "Town of birth", "Born in"),
        *("Geboorteplaats", "Geboren te"),
        *("Geburtsort", "Geboren in"),
        *("Lugar de nacimiento", "Lugar nacimiento", "Nacido en", "Nacida en"),
        *("Luogo di nascita", "Luogo nascita", "Comune di nascita", "Nato a", "Nata a", "Nato/a a"),
    ),
    "centre": (
        "Centre d'examen",
        *("Center", "Certification centre", "Certification center", "Test centre", "Exam centre"),
        *("Centrum", "Certificeringscentrum", "Examencentrum", "Toetscentrum"),
        *("Zentrum", "Zertifizierungszentrum", "Prüfungszentrum", "Testzentrum"),
        *("Centro", "Centro de certificación", "Centro examinador", "Centro de examen"),
        *("Centro di certificazione", "Centro d'esame"),
    ),
    "delivered_on": (
        *("Date", "Délivré le", "Délivrée le", "Date de délivrance"),
        *("Issued on", "Date of issue", "Issue date", "Delivery date"),
        *("Datum", "Afgegeven op", "Uitgereikt op", "Datum van afgifte", "Afgiftedatum"),
        *("Ausgestellt am", "Ausstellungsdatum"),
        *("Fecha", "Expedido el", "Fecha de expedición", "Fecha de emisión"),
        *("Data", "Rilasciato il", "Data di rilascio"),
    ),
    "verification_code": (
        *("Code", "Code de vérification"),
        *("Verificatiecode", "Controlecode"),
        *("Verifizierungscode", "Prüfcode", "Kontrollcode"),
        *("Código", "Código de verificación"),
        *("Codice", "Codice di verifica"),
    ),
    "score": (
        "Points",
        *("Punten", "Aantal punten", "Aantal pix"),
        *("Punkte", "Punktzahl", "Anzahl Pix"),
        *("Puntos", "Puntuación", "Número de pix"),
        *("Punti", "Punteggio", "Numero di pix"),
    ),
    "max_level": (
        *("Niveau maximal", "Niveau maximum", "Niveau max"),
        *("Maximum level", "Highest level", "Top level"),
        *("Hoogste niveau", "Maximaal niveau"),
        *("Höchstes Niveau", "Höchste Stufe"),
        "Nivel máximo",
        "Livello massimo",
    ),
    "group": (
        *("Classe", "Groupe", "Division"),
        "Class",
        *("Klas", "Groep", "Lesgroep", "Stamklas", "Stamgroep"),
        *("Klasse", "Gruppe"),
        *("Clase", "Grupo"),
        "Gruppo",
    ),
    "certification": (
        *("Certification number", "Certificate number"),
        *("Certificeringsnummer", "Certificaatnummer"),
        *("Zertifizierungsnummer", "Zertifikatsnummer"),
        *("Número de certificación", "Número de certificado"),
        *("Numero di certificazione", "Numero di certificato"),
    ),
}

# These headings mean the last name in one school and the whole name in the next, so they must be
# renamed.
AMBIGUOUS = ("Name", "Naam")


def with_prefix(prefix: str, last_name: str) -> str:
    """A last name with what stands before it: `van den Heuvel`, `d'Hondt`."""
    if not (prefix and last_name):
        return last_name
    return f"{prefix}{'' if prefix[-1] in _ELIDED else ' '}{last_name}"


_ELIDED = "'’ʼ"
