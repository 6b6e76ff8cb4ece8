"""What somebody's own words say of them for good, in English: clauses, the forms of lasting statements, and hints."""
