"""Reading an ERP's own database: SQLAlchemy Core over one driver an engine, where views are read only."""
