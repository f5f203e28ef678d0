#!/usr/bin/python3
"""Steps 1 to 4 of the day, from proto/README.md alone: referral, search, placement, register. A client in another language.
usage: day.py PROTOS KEYS FOLDER AUTHORITY   (generated modules, keys directory, folder of ipc sockets, authority)"""
import hashlib, os, sys, time, uuid, zmq
PROTOS, KEYS, FOLDER, AUTHORITY = sys.argv[1:5]
sys.path.insert(0, PROTOS)
from envelope_pb2 import *
import attendance_pb2 as attendance, capacity_pb2 as capacity, placements_pb2 as placements, referrals_pb2 as referrals

ALLOWED = {line.split()[1]: line.split()[0] for line in open(os.path.join(KEYS, "allowed"))}
FROM = Date(days=20000)  # 4 October 2024, a Friday

class Client:
    """One key; a DEALER to each service. Sends the same envelope again until there is a final answer."""
    def __init__(self, name):
        self.sockets = {}
        public, secret = open(os.path.join(KEYS, name + ".key")).read().split()
        for service in ("referrals", "capacity", "placements", "attendance"):
            socket = self.sockets[service] = zmq.Context.instance().socket(zmq.DEALER)
            socket.curve_serverkey, socket.linger = ALLOWED[service].encode(), 0
            socket.curve_publickey, socket.curve_secretkey = public.encode(), secret.encode()
            socket.connect("ipc://%s/%s.router" % (FOLDER, service))

    def ask(self, service, message, answer=Accepted):
        now, socket, wait_ms = int(time.time() * 1000), self.sockets[service], 400
        request = Envelope(id=uuid.uuid4().bytes, authority=AUTHORITY, type=message.DESCRIPTOR.name, at_ms=now,
                           body=message.SerializeToString(), deadline_ms=now + 20000, schema=1)
        while time.time() * 1000 < request.deadline_ms:
            socket.send(request.SerializeToString())
            while socket.poll(wait_ms):
                reply = Envelope.FromString(socket.recv())
                if reply.correlation_id != request.id:
                    continue  # of an earlier sending
                if reply.type == "Refused":
                    return Refused.FromString(reply.body)
                if reply.type != "Failed":
                    return answer.FromString(reply.body)
                failed = Failed.FromString(reply.body)
                must(failed.code in (ERROR_CODE_BUSY, ERROR_CODE_UNAVAILABLE), request.type + ": " + failed.sentence)
                break
            wait_ms = min(2 * wait_ms, 2000)
        must(False, request.type + ": outcome unknown")

    def wait(self, service, query, answer, is_so, what):
        until = time.time() + 20
        while not is_so(self.ask(service, query, answer)) and time.time() < until:
            time.sleep(0.01)
        must(time.time() < until, what)

def must(condition, what):
    print(("ok    " if condition else "WRONG ") + what)
    assert condition, what

worker, broker, provider = Client("social-worker"), Client("broker"), Client("provider")
person, bare, referral, placement, hold = (uuid.uuid4().bytes for _ in range(5))

# 1. a referral: refused without outcomes, accepted with them
facts = referrals.PersonFacts(district=1, support_reason=7, ethnicity_group=1, sex=1)
details = referrals.PersonDetails(council_id="L1", given_name="Ada", family_name="Example", born=Date(days=7000))
must(worker.ask("referrals", referrals.RecordPerson(person_id=person, details=details, facts=facts)).first_seq, "person")
week = [referrals.LineSession(weekday=day, part=1) for day in (2, 4)]
for number, outcomes in (bare, []), (referral, [1]):
    line = referrals.ReferralLine(kind=2, level=2, funding=1, sessions=week, outcomes=outcomes, **{"from": FROM})
    worker.ask("referrals", referrals.CreateReferral(referral_id=number, person_id=person, urgency=5, lines=[line]))
    said = worker.ask("referrals", referrals.SubmitReferral(referral_id=number))
    must(said.reference if outcomes else said.code.endswith("OUTCOMES_MISSING"), "submitted" if outcomes else said.sentence)

# 2. a search: Tuesday and Thursday, at least 4 hours, within 30 minutes
best = broker.ask("capacity", capacity.FindCapacity(
    wanted=[capacity.WantedSession(weekday=day, part=capacity.PART_OF_DAY_ANY) for day in (2, 4)], minutes_per_week=240,
    latitude_e6=53260000, longitude_e6=-2125000, needs=[7], funding=1, **{"from": FROM}), capacity.CapacityFound).services[0]
must(all(session.free > 0 for session in best.sessions), "the first service has places")

# 3. a placement: proposed, held, accepted by the provider, started
terms = placements.PlacementTerms(person_id=person, referral_id=referral, line_number=1, service_id=best.service_id,
    provider_id=best.provider_id, session_ids=[s.session_id for s in best.sessions], funding=1, level=2, ground=5,
    price_pence_per_week=best.weekly_price_pence, district=1, support_reason=7, age=38, ethnicity_group=1, sex=1,
    **{"from": FROM})
for who, step, state in ((broker, placements.ProposePlacement(placement_id=placement, hold_id=hold, terms=terms), "OFFERED"),
                         (provider, placements.AcceptOffer(placement_id=placement), "ACCEPTED"),
                         (broker, placements.StartPlacement(placement_id=placement, date=FROM), "ACTIVE")):
    who.ask("placements", step)
    broker.wait("placements", placements.GetPlacement(placement_id=placement), placements.Placement,
                lambda shown: shown.state == getattr(placements, "PLACEMENT_STATE_" + state), "placement is " + state)

# 4. a register: two good rows, one of somebody unknown, one that cannot be read. The same again changes nothing
rows = [attendance.RowEntry(row_number=number, person_ref=ref, date_days=day, part=1, status=status)
        for number, ref, day, status in ((2, "L1", 20004, 1), (3, "l1", 20006, 4), (4, "L2", 20004, 1))]
fault = attendance.RowFault(row_number=5, column="date", value="31/02/24", code=2, reason="No such day.", mend="Correct it.")
file = dict(provider_id=best.provider_id, content_hash=hashlib.blake2b(b"the file", digest_size=32).digest())
counts = attendance.FeedCounts(read=4, added=2, rejected=1, unmatched=1)
for feed, is_new in (uuid.uuid4().bytes, True), (uuid.uuid4().bytes, False):
    opened = provider.ask("attendance", attendance.OpenFeed(feed_id=feed, dialect=1, mode=2, parts_total=1, **file))
    must((opened.first_seq > 0) == is_new, "the file is " + ("new" if is_new else "known"))
    if is_new:
        provider.ask("attendance", attendance.FeedRows(feed_id=feed, part=1, rows=rows, faults=[fault]))
        provider.ask("attendance", attendance.CloseFeed(feed_id=feed))
    provider.wait("attendance", attendance.FeedReceipt(**file), attendance.FeedReceiptShown,
                  lambda shown: shown.feed.counts == counts and shown.rejects[0] == fault, "its receipt adds up")
