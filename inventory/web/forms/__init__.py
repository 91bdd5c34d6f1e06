"""Forms of pages: what people type, turned into drafts."""
