"""The private names of Pykka that the runtime needs, in one place.

Pykka's own extension points for new actor types are methods that begin with an underscore. The
runtime overrides `_create_future`, `_create_actor_inbox`, `_actor_loop_running` and
`_actor_loop_teardown`, calls `_handle_receive`, `_handle_failure` and `_stop`, and sets
`_get_hook` and `_get_hook_result` as `pykka.Future` does; and it needs three classes that have no
public name:

- `Envelope`: a message with the one it is answered to. An asyncio caller puts one into the inbox
  itself, because Pykka's own futures block the loop that awaits them.
- `ActorStop`: the message that ends an actor. The inbox lets it through however full it is.
- `Unset`: what stands for the result of a get hook that was not called yet.

`tests/actors/test_actors_pykka.py` fails with the name when Pykka changes one of them.
"""

from __future__ import annotations

from pykka._envelope import Envelope
from pykka._future import _Unset as Unset
from pykka.messages import _ActorStop as ActorStop

__all__ = ["ActorStop", "Envelope", "Unset"]
