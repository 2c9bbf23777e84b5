import { table } from '../table.ts';

/**
 * Names in mixed case that are not split at their capitals, by their lower-case form. Single capitals are spoken as letters. Other names
 * (YouTube, OpenAI, macOS) are split by rule.
 */
export const NAMES = table(`
  iphone=I phone; iphones=I phones; ipad=I pad; ipads=I pads; xbox=X box; wifi=wifi; latex=lay tech
  bibtex=bib tech; numpy=num pie; scipy=sigh pie; pytorch=pie torch; pypi=pie P I; postgresql=postgres Q L
  sqlite=S Q lite; nosql=no sequel; mysql=my sequel; graphql=graph Q L; nginx=engine X; redis=reddis
  phd=P H D; phds=P H d's; msc=M S C; bsc=B S C; mdma=M D M A; saas=sass; paas=pass; iot=I O T
  lgbtq=L G B T Q; whatsapp=what's app; tiktok=tick tock; nvidia=en vidia; duckduckgo=duck duck go
  jpmorgan=J P morgan; kwh=kilowatt hours; ios=I O S; ipados=I pad O S; watchos=watch O S; tvos=T V O S
  ebay=E bay; ebook=E book; esim=E sim; onnx=onyx; vscode=V S code; dj=D J
`);
