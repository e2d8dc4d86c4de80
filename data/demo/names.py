"""First and last names, put together at random; nobody is meant by any of them."""

from __future__ import annotations

FIRST = (
    "Alva", "Anton", "Astrid", "Axel", "Berit", "Birk", "Bo", "Dagny", "Ebba", "Edvin", "Einar",
    "Ellen", "Elsa", "Elvira", "Emil", "Enar", "Erik", "Folke", "Freja", "Frida", "Greta",
    "Gustav", "Hedda", "Henrik", "Hilda", "Hugo", "Ida", "Ingrid", "Ivar", "Jonas", "Karin",
    "Kerstin", "Klara", "Lars", "Leo", "Lina", "Linnea", "Loke", "Lova", "Maja", "Malin",
    "Mats", "Melker", "Mira", "Nils", "Nora", "Olle", "Oskar", "Otto", "Pia", "Ragnar", "Rut",
    "Saga", "Selma", "Signe", "Sigrid", "Sixten", "Stina", "Sune", "Svea", "Tage", "Tilda",
    "Tora", "Ture", "Tyra", "Ulla", "Valter", "Vera", "Viggo", "Wilma", "Ylva", "Yngve",
)  # fmt: skip

LAST = (
    "Ahlgren", "Alm", "Asp", "Berg", "Björk", "Blom", "Boström", "Dahl", "Ek", "Englund",
    "Falk", "Forsberg", "Frisk", "Gran", "Hagberg", "Hall", "Hed", "Holm", "Järnek", "Kvist",
    "Lind", "Ljung", "Lund", "Malm", "Mark", "Moberg", "Nord", "Norling", "Palm", "Quist",
    "Rask", "Rosén", "Sand", "Sjö", "Skog", "Sten", "Strand", "Strid", "Sund", "Svärd", "Tall",
    "Tegel", "Vall", "Vik", "Wall", "Winge", "Åberg", "Ås", "Öberg", "Ödman",
)  # fmt: skip
