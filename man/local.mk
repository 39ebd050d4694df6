# Sources of this room are listed here.
dist_man_MANS += man/cvmdeck-sandbox.1 man/cvmdeck.1
