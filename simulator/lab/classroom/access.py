"""Who asks: students by the seat that their cookie proves, the teacher by a token, and a limit on guessed codes."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from simulator.game.seats import Seat
from simulator.lab.classroom.rooms import OpenRoom, Rooms
from simulator.lab.server.access import RateLimit, new_token, same_token
from simulator.lab.server.answers import Refused
from simulator.lab.server.app import client_of

TEACHER = "backorder-teacher"
TOKEN = "teacher-token"
MONTH = 30 * 24 * 3600


class Doors:
    """Lets students into rooms and the teacher to the board.

    Args:
        rooms: the rooms.
        token: the teacher's.
        guesses: wrong codes that an address may try; ten at once, then one in five seconds unless given.
    """

    def __init__(self, rooms: Rooms, token: str, guesses: RateLimit | None = None) -> None:
        self.rooms, self.token = rooms, token
        self.guesses = guesses or RateLimit(0.2, 10)

    def room(self, request: Request) -> OpenRoom:
        """The room whose code is in the address.

        Raises:
            Refused: there is none; after too many wrong codes, no code of this address is answered for a while.
        """
        client = client_of(request.scope)
        if not self.guesses.may(client):
            raise Refused(429, "Too many wrong codes; wait a minute.", message={"text": "class.wait-codes"})
        code = request.path_params["code"].upper()
        if code not in self.rooms.open:
            self.guesses.allows(client)
            raise Refused(404, "There is no room with this code.", message={"text": "class.no-room"})
        return self.rooms.open[code]

    def seat(self, request: Request) -> tuple[OpenRoom, Seat]:
        """The room and the seat of the one who asks.

        Raises:
            Refused: the cookie is missing, or the seat is another's now.
        """
        found = self.room(request)
        token = request.cookies.get(_seat_cookie(found.code))
        seat = found.room.seat(token) if token else None
        if seat is None:
            raise Refused(403, "Join the room first.", message={"text": "class.join-first"})
        return found, seat

    def returning(self, request: Request, found: OpenRoom) -> str | None:
        """The token of a seat in the room that the browser has kept."""
        return request.cookies.get(_seat_cookie(found.code))

    def seated(self, answer: Response, found: OpenRoom, seat: Seat) -> Response:
        """The answer, which gives the browser its seat."""
        return _keep(answer, _seat_cookie(found.code), seat.token)

    def left(self, answer: Response, found: OpenRoom) -> Response:
        """The answer, after which the browser has no seat in the room."""
        answer.delete_cookie(_seat_cookie(found.code))
        return answer

    def is_teacher(self, request: Request) -> bool:
        """Whether the browser has opened the teacher's link."""
        return same_token(request.cookies.get(TEACHER), self.token)

    def teacher(self, request: Request) -> None:
        """Raises Refused unless the teacher asks."""
        if not self.is_teacher(request):
            raise Refused(
                403, "Open the teacher's link that the terminal shows.", message={"text": "class.teacher-only"}
            )

    def entered(self, answer: Response) -> Response:
        """The answer, which makes the browser the teacher's."""
        return _keep(answer, TEACHER, self.token)


def _seat_cookie(code: str) -> str:
    return f"backorder-seat-{code}"


def _keep(answer: Response, name: str, value: str) -> Response:
    answer.set_cookie(name, value, max_age=MONTH, httponly=True, samesite="strict")
    return answer


def kept_token(home: Path) -> str:
    """The teacher's token of a folder of rooms: the same after a restart; only this user can read its file."""
    path = home / TOKEN
    if path.is_file() and (found := path.read_text(encoding="utf-8").strip()):
        return found
    path.touch(mode=0o600)
    token = new_token()
    path.write_text(token, encoding="utf-8")
    return token
