"""The service with one more route, for comparison: POST /nothing takes a body and does nothing."""

from fastapi import Request
from starlette.responses import Response

from app.logs import configure_logging
from app.main import create_app
from app.server import Server, address, bind
from app.settings import load_settings


def main() -> None:
    """Serve with the settings of the environment."""
    settings = load_settings()
    configure_logging(settings)
    app = create_app(settings)
    app.state.service.load()

    @app.post("/nothing")
    async def nothing(request: Request) -> Response:
        await request.body()
        return Response(b"{}", media_type="application/json")

    listening = bind(settings.host, settings.port)
    print(f"listening on {address(listening)}", flush=True)
    Server(app).run([listening])


if __name__ == "__main__":
    main()
