import { table } from '../table.ts';

/**
 * Symbols of units, case-sensitive: singular, and plural if it isn't the singular plus "s". Letters that are more often names than units
 * (`4K`, `5G`, `3B`) are left out.
 */
export const UNITS = table(`
  km=kilometer; m=meter; cm=centimeter; mm=millimeter; nm=nanometer; μm=micrometer; mi=mile; yd=yard;
yds=yard; ft=foot|feet; in=inch|inches; nmi=nautical mile; ly=light year; kg=kilogram; g=gram;
mg=milligram; μg=microgram; mcg=microgram; lb=pound; lbs=pound; oz=ounce; L=liter; l=liter;
mL=milliliter; ml=milliliter; cl=centiliter; dL=deciliter; dl=deciliter; gal=gallon; qt=quart;
pt=pint; tsp=teaspoon; tbsp=tablespoon; cc=C C|C C; s=second; sec=second; secs=second;
ms=millisecond; μs=microsecond; ns=nanosecond; min=minute; mins=minute; h=hour; hr=hour; hrs=hour;
wk=week; wks=week; mo=month; yr=year; yrs=year; Hz=hertz|hertz; kHz=kilohertz|kilohertz;
MHz=megahertz|megahertz; GHz=gigahertz|gigahertz; THz=terahertz|terahertz; KB=kilobyte; kB=kilobyte;
MB=megabyte; GB=gigabyte; TB=terabyte; PB=petabyte; EB=exabyte; KiB=kibibyte; MiB=mebibyte;
GiB=gibibyte; TiB=tebibyte; kb=kilobit; Kb=kilobit; Mb=megabit; Gb=gigabit;
floz=fluid ounce; kbit=kilobit; Kbit=kilobit; Mbit=megabit; Gbit=gigabit; Tbit=terabit; Tb=terabit; kbps=kilobit per second|kilobits per second; Kbps=kilobit per second|kilobits per second;
Mbps=megabit per second|megabits per second; Gbps=gigabit per second|gigabits per second;
bps=bit per second|bits per second; W=watt; kW=kilowatt; MW=megawatt; GW=gigawatt; mW=milliwatt;
Wh=watt hour; kWh=kilowatt hour; MWh=megawatt hour; V=volt; kV=kilovolt; mV=millivolt;
mA=milliamp; mAh=milliamp hour; Ah=amp hour; Ω=ohm; kΩ=kilohm;
F=degree fahrenheit|degrees fahrenheit; C=degree celsius|degrees celsius; J=joule; kJ=kilojoule;
MJ=megajoule; cal=calorie; kcal=kilocalorie; kN=kilonewton; Nm=newton meter; Pa=pascal;
kPa=kilopascal; hPa=hectopascal; MPa=megapascal; psi=P S I|P S I; atm=atmosphere; bar=bar;
mmHg=millimeter of mercury|millimeters of mercury; dB=decibel; lm=lumen; lx=lux|lux; mol=mole; kgf=kilogram force; VA=volt amp; kVA=kilovolt amp; GWh=gigawatt hour; TWh=terawatt hour; TW=terawatt; GPa=gigapascal; µV=microvolt; kHz=kilohertz|kilohertz; Sv=sievert; mSv=millisievert; Bq=becquerel; ct=carat; mph=mile per hour|miles per hour; kn=knot; MJ=megajoule; GJ=gigajoule; inHg=inch of mercury|inches of mercury;
mmol=millimole; hp=horsepower|horsepower; mph=mile per hour|miles per hour;
kph=kilometer per hour|kilometers per hour; kmh=kilometer per hour|kilometers per hour;
mpg=mile per gallon|miles per gallon; rpm=R P M|R P M; RPM=R P M|R P M;
fps=frame per second|frames per second; bpm=beat per minute|beats per minute; dpi=D P I|D P I;
ppm=part per million|parts per million; ppi=P P I|P P I; px=pixel; pts=point; pcs=piece;
MP=megapixel; ha=hectare; sqft=square foot|square feet; sqm=square meter; kt=knot; kts=knot;
bp=basis point; doz=dozen|dozen; eV=electron volt; rad=radian; deg=degree;
°C=degree celsius|degrees celsius; °F=degree fahrenheit|degrees fahrenheit; °K=kelvin|kelvin;
°=degree; °N=degree north|degrees north; °S=degree south|degrees south; °E=degree east|degrees east;
°W=degree west|degrees west
`);

/** Symbols after a slash, spoken "per …". */
export const PER = table(`
  s=second; h=hour; hr=hour; d=day; day=day; mol=mole; dl=deciliter; ha=hectare; acre=acre; game=game; head=head; GiB=gibibyte; TB=terabyte; hp=horsepower; px=pixel; kWh=kilowatt hour; wk=week; mo=month; month=month; yr=year; year=year;
min=minute; sec=second; kg=kilogram; L=liter; l=liter; person=person; hour=hour; week=week;
night=night; dL=deciliter; mL=milliliter; ml=milliliter; m=meter; lb=pound; oz=ounce; gal=gallon;
GB=gigabyte; MB=megabyte; kWh=kilowatt hour; km=kilometer; mi=mile; unit=unit; user=user; item=item
`);
