"""Pages: what editions show, for people to look at, as HTML made of Jinja2 templates."""
