"""The service with a route that takes a body and does nothing, for comparison.

FastAPI tries its routes one after the other, which takes a third of such a request's time here. So
the route is there twice: POST /nothing as the last one, where a route comes that is added to an
app, and POST /nothing-first ahead of all, as /predict nearly is.
"""

from fastapi import Request
from starlette.responses import Response

from app.main import create_app
from app.server.server import Server, bind
from app.settings import load_settings
from app.telemetry.logs import configure_logging


def main() -> None:
    """Serve with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings)
    app = create_app(settings)
    app.state.service.load()

    @app.post("/nothing-first")
    @app.post("/nothing")
    async def nothing(request: Request) -> Response:
        await request.body()
        return Response(b"{}", media_type="application/json")

    app.router.routes.insert(0, app.router.routes.pop())
    Server(app).run(bind(settings.host, settings.port))


if __name__ == "__main__":
    main()
