"""The page and the API's documentation, as files that are read once.

    pages            routes for static files, with their headers
    documentation/   the API's page, around Swagger UI

Imports of `app` only `notes` and `settings`.
"""
