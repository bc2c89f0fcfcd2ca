"""The site in several processes, held against a plain model of what readers must see."""
