#!/usr/bin/python3
"""Steps 1 to 3 of the day, from proto/README.md alone: a referral, a search, a placement. A client in another language.
usage: day.py PROTOS KEYS FOLDER AUTHORITY   (generated modules, keys directory, folder of ipc sockets, authority)"""
import os, sys, time, uuid
sys.path.insert(0, sys.argv[1])
import zmq
import envelope_pb2 as envelope, capacity_pb2 as capacity, placements_pb2 as placements, referrals_pb2 as referrals

KEYS, FOLDER, AUTHORITY = sys.argv[2:5]
ALLOWED = {line.split()[1]: line.split()[0] for line in open(os.path.join(KEYS, "allowed"))}
ERRORS_THAT_PASS = (envelope.ERROR_CODE_BUSY, envelope.ERROR_CODE_UNAVAILABLE)
FROM = envelope.Date(days=20900)

class Client:
    """One key; a DEALER to each service. Sends the same envelope again until there is a final answer."""

    def __init__(self, name):
        self.context, self.sockets = zmq.Context.instance(), {}
        self.public, self.secret = open(os.path.join(KEYS, name + ".key")).read().split()

    def socket(self, service):
        if service not in self.sockets:
            socket = self.context.socket(zmq.DEALER)
            socket.curve_serverkey = ALLOWED[service].encode()
            socket.curve_publickey, socket.curve_secretkey = self.public.encode(), self.secret.encode()
            socket.linger = 0
            socket.connect("ipc://%s/%s.router" % (FOLDER, service))
            self.sockets[service] = socket
        return self.sockets[service]

    def ask(self, service, message, answer=envelope.Accepted):
        now = int(time.time() * 1000)
        request = envelope.Envelope(id=uuid.uuid4().bytes, authority=AUTHORITY, type=message.DESCRIPTOR.name,
                                    body=message.SerializeToString(), at_ms=now, deadline_ms=now + 20000, schema=1)
        socket, wait_ms = self.socket(service), 400
        while time.time() * 1000 < request.deadline_ms:
            socket.send(request.SerializeToString())
            while socket.poll(wait_ms):
                reply = envelope.Envelope.FromString(socket.recv())
                if reply.correlation_id != request.id:
                    continue  # of an earlier sending
                if reply.type == "Failed":
                    failed = envelope.Failed.FromString(reply.body)
                    if failed.code in ERRORS_THAT_PASS:
                        break
                    raise SystemExit("%s: %s %s" % (request.type, failed.field, failed.sentence))
                if reply.type == "Refused":
                    return envelope.Refused.FromString(reply.body)
                return answer.FromString(reply.body)
            wait_ms = min(2 * wait_ms, 2000)
        raise SystemExit("%s: outcome unknown" % request.type)

def must(condition, what):
    print(("ok    " if condition else "WRONG ") + what)
    if not condition:
        raise SystemExit(1)

worker, broker, provider = Client("social-worker"), Client("broker"), Client("provider")
person, referral, placement, hold = (uuid.uuid4().bytes for _ in range(4))

# 1. a referral: refused without outcomes, accepted with them
facts = referrals.PersonFacts(district=1, support_reason=7, ethnicity_group=1, sex=1)
details = referrals.PersonDetails(council_id="L1", given_name="Ada", family_name="Example", born=envelope.Date(days=7000))
must(worker.ask("referrals", referrals.RecordPerson(person_id=person, details=details, facts=facts)).first_seq, "person")
line = referrals.ReferralLine(kind=2, level=2, funding=1, **{"from": FROM}, sessions=[
    referrals.LineSession(weekday=2, part=1), referrals.LineSession(weekday=4, part=1)])
bare = uuid.uuid4().bytes
worker.ask("referrals", referrals.CreateReferral(referral_id=bare, person_id=person, urgency=5, lines=[line]))
said = worker.ask("referrals", referrals.SubmitReferral(referral_id=bare))
must(said.code.endswith("OUTCOMES_MISSING"), "without outcomes: " + said.sentence)
line.outcomes.append(1)
worker.ask("referrals", referrals.CreateReferral(referral_id=referral, person_id=person, urgency=5, lines=[line]))
said = worker.ask("referrals", referrals.SubmitReferral(referral_id=referral))
must(said.reference, "submitted as " + said.reference)

# 2. a search: Tuesday and Thursday, at least 4 hours, within 30 minutes
found = broker.ask("capacity", capacity.FindCapacity(
    wanted=[capacity.WantedSession(weekday=day, part=capacity.PART_OF_DAY_ANY) for day in (2, 4)],
    minutes_per_week=240, latitude_e6=53260000, longitude_e6=-2125000, needs=[7], funding=1, **{"from": FROM}),
    capacity.CapacityFound)
best = found.services[0]
must(all(session.free > 0 for session in best.sessions), "%d services fit, the first has places" % found.services_fitting)

# 3. a placement: proposed, held, accepted by the provider, started
terms = placements.PlacementTerms(person_id=person, referral_id=referral, line_number=1, service_id=best.service_id,
                                  provider_id=best.provider_id, session_ids=[s.session_id for s in best.sessions], funding=1,
                                  level=2, price_pence_per_week=best.weekly_price_pence, ground=5, district=1,
                                  support_reason=7, age=38, ethnicity_group=1, sex=1, **{"from": FROM})
broker.ask("placements", placements.ProposePlacement(placement_id=placement, hold_id=hold, terms=terms))

def wait_for(state):
    get, until = placements.GetPlacement(placement_id=placement), time.time() + 20
    while broker.ask("placements", get, placements.Placement).state != state and time.time() < until:
        time.sleep(0.01)
    return time.time() < until

must(wait_for(placements.PLACEMENT_STATE_OFFERED), "held and offered")
provider.ask("placements", placements.AcceptOffer(placement_id=placement))
must(wait_for(placements.PLACEMENT_STATE_ACCEPTED), "accepted and confirmed")
broker.ask("placements", placements.StartPlacement(placement_id=placement, date=FROM))
must(wait_for(placements.PLACEMENT_STATE_ACTIVE), "started")
