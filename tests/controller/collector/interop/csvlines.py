"""Lines as nfdump 1.7.1 prints them."""

MPLS = ",".join(f"mpls{n}" for n in range(1, 11))
NO_MPLS = ",".join(["0-0-0"] * 10)
HEADER = (
    "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,svln,dvln,"
    f"ismc,odmc,idmc,osmc,{MPLS},cl,sl,al,ra,eng,exid,tr"
)
LINE = (
    "2023-11-14 22:13:18,2023-11-14 22:13:20,2.291,10.0.0.1,10.0.0.2,50000,445,TCP,......S.,0,0,3,180,0,0,4,5,0,0,0,0,"
    "0,0,0.0.0.0,0.0.0.0,10,0,02:00:00:00:00:01,00:00:00:00:00:00,02:00:00:00:00:02,00:00:00:00:00:00,"
    f"{NO_MPLS},    0.000,    0.000,    0.000,192.0.2.1,0/0,1,2023-11-14 22:13:20.123"
)
SUMMARY = "Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n1,180,3,0,0,60"


def line(**changes: str) -> str:
    """The line above with other values in some columns."""
    values = dict(zip(HEADER.split(","), LINE.split(","), strict=True))
    assert set(changes) <= set(values)
    return ",".join({**values, **changes}.values())


def file(*lines: str) -> bytes:
    """A whole output."""
    return "\n".join([HEADER, *lines, SUMMARY, ""]).encode()
